"""The programme of choosing measures under a budget, over scenarios."""
