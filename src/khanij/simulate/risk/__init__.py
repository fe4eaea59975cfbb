"""Simulated years: hazards, their dependence, event sets, losses, single stops."""
