"""Forecasts of real events, scored."""
