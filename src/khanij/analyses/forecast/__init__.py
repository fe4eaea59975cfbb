"""Forecasts of restrictions on the record, their scores, and what was said before the years that are known."""
