"""A fictional district's extracts, with the truth sealed beside them. They say nothing about Bradford."""
