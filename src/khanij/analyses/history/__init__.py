"""An indicator through the years, and what moved it."""
