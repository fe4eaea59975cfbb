"""Bans, licences, quotas and taxes on minerals, and the state of each on a day."""
