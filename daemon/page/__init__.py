"""What does a week look like? The review as one self-contained page: words, numbers that unfold, and pictures."""
