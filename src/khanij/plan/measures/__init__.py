"""Measures sized for a country, and what each is worth: alone, as a partnership, together."""
