"""Indicators and dependence: each a registered function of a Case."""
