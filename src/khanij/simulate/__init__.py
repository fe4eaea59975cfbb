"""Disruption: hazards, responses, losses."""
