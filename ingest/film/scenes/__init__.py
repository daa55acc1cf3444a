"""A film's scenes: shots grouped by likeness."""
