"""A film's picture: decoded once, cut into shots."""
