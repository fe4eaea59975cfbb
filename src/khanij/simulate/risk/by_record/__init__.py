"""Hazards read off the trade record: how likely, how far together."""
