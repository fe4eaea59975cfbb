"""Disruption: supply and its response, losses, risk, and the test of all three against real events."""
