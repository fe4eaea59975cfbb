"""Flows in balance: origin, bounds, stocks, processes, reconciliation."""
