"""Composed pages: what each asks, its forms, its parts, its search."""
