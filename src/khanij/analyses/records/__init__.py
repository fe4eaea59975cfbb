"""Recorded trade, facts, and checks of the store."""
