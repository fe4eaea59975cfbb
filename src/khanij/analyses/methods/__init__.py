"""The registry: what can be computed, and one method run on a Case."""
