"""Coming need and scrap."""
