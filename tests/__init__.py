"""Kith's tests: those of a room in its folder, what several of them share beside them."""
