"""Kith's daemon: finds out whom its user met and wrote to, and writes back what helps."""
