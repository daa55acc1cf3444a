-- How many rows (about, after changes) and columns each table with rows has, the largest first.
--
-- table_name  name of the table
-- n_rows      rows in it
-- n_columns   columns of it
SELECT
    table_name,
    estimated_size::BIGINT AS n_rows,
    column_count::INTEGER AS n_columns
FROM duckdb_tables()
WHERE NOT temporary AND database_name = current_database() AND estimated_size > 0
ORDER BY n_rows DESC, table_name
