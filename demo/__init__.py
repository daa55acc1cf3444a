"""A small adaptation made by code, so that its truth is known: novel, painted film and album."""
