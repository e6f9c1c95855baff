"""What is answered about one family: as it is held, or with records that a request brings. No HTTP in it."""
