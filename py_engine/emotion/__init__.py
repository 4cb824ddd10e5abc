"""Feeling: which emotion a sentence carries, how strongly, and what it is made of."""
