"""Prices of mineral commodities compiled from USGS chapters and press reports."""
