-- Number of rows and columns of each table that is not empty, largest first. After changes, the number of rows is an estimate.
--
-- table_name  name of the table
-- n_rows      number of rows
-- n_columns   number of columns
SELECT
    table_name,
    estimated_size::BIGINT AS n_rows,
    column_count::INTEGER AS n_columns
FROM duckdb_tables()
WHERE NOT temporary AND database_name = current_database() AND estimated_size > 0
ORDER BY n_rows DESC, table_name
