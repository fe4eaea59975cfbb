"""Agreements with partners: what each could be, is worth and comes to."""
