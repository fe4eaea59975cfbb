"""Dated forecasts of restrictions, outages, exports and prices: what was known, what is expected, how it is scored."""
