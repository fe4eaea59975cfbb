"""Blocks and stakes abroad."""
