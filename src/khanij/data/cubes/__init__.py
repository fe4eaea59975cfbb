"""From facts to a Case: one builder a quantity."""
