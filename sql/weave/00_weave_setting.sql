-- weave_setting: provenance: the settings that the title is woven with, one a row, with the reason for their defaults.
--   value  as text
--
-- $settings is a JSON array of objects with name, value and reason, made from the declarations in sql/settings.py.
SELECT $title_id AS title_id, setting.value->>'name' AS name, setting.value->>'value' AS value, setting.value->>'reason' AS reason
FROM json_each($settings::JSON) AS setting
ORDER BY name
