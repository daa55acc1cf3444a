"""The SQL of the warehouse, and the jobs that run it."""
