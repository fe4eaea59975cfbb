"""A YAML of several requests."""
