"""The database engine: warehouse, migrations, job ledger, SQL runner, vector index, models."""
