"""The outside world, normalised; knows nothing of people or relationships."""
