"""Documented disruptions: all of them, and one with every figure."""
