"""Thousands of simulated years of a country."""
