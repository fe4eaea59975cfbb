"""Who makes most of a mineral."""
