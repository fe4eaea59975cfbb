"""Indices and how far they agree."""
