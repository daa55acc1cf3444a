-- The settings a title was woven with, and why the weave has them.
--
-- $title: name of the title
--
-- name    the setting, without its "weave."
-- value   its value
-- reason  why it is there; NULL for some of a title that an older version wove
SELECT
    weave_setting.name,
    value,
    reason
FROM title
JOIN weave_setting USING (title_id)
WHERE title.name = $title
ORDER BY reason IS NULL, weave_setting.name
