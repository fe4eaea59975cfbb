"""Chances, draws, tails and shares of a value."""
