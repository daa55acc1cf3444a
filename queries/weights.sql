-- The settings a title was woven with, and the reason for each.
--
-- $title: name of the title
--
-- name    name of the setting, without the prefix "weave."
-- value   its value
-- reason  purpose of the setting; NULL for some of a title that an older version wove
SELECT
    weave_setting.name,
    value,
    reason
FROM title
JOIN weave_setting USING (title_id)
WHERE title.name = $title
ORDER BY reason IS NULL, weave_setting.name
