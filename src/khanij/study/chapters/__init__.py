"""The chapters of a country's brief, one module each: Readings in, Chapter out."""
