"""One number down to the facts behind it."""
