"""Indicators of a country side by side, and how sure each is."""
