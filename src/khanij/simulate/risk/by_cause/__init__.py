"""Hazards by cause, and what simulated years tell of them."""
