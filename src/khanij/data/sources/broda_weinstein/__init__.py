"""Broda, Greenfield and Weinstein: how readily imports move between source countries, by importer and heading."""
