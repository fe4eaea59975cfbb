"""Stocks, scenarios and demand."""
