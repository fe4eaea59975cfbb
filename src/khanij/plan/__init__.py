"""Levers, portfolios and plans."""
