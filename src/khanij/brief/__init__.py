"""A document: questions asked, their tables and words in order, and what they add up to."""
