-- weave_setting: the settings that the title is woven with, each with the reason for it. $settings is a JSON list of
-- them, made from their declarations in sql/settings.py: objects with name, value and reason.
SELECT $title_id AS title_id, told.value->>'name' AS name, told.value->>'value' AS value, told.value->>'reason' AS reason
FROM json_each($settings::JSON) AS told
ORDER BY name
