"""Who really made what a country uses."""
