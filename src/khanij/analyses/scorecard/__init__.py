"""How far a country is with its own programme."""
