"""Media into tables: one module a medium, each a list of pure stages."""
