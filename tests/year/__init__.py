"""A year of a made-up user, day by day, and its story in plain words."""
