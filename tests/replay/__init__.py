"""Whole years planned week by week, and every draft held against the input."""
