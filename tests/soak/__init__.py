"""Kith left alone for long: a month of ticks in bad weather, and SIGKILL at any moment."""
