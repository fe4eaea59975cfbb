"""One disruption and what it does to a country."""
