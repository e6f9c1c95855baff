"""A district's declarations, found, loaded and cross-checked into one frozen Project."""
