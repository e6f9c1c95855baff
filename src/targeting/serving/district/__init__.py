"""Where need is: the district's wards, their tiles, and what the lists and decisions say of each."""
