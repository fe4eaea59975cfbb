"""On whom a country depends, how sure that is, and what is in force against it."""
