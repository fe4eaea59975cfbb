"""Reserves: what an emergency takes away month by month, and the stock that would bridge it."""
