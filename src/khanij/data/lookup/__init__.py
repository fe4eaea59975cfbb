"""From a number back to facts, their sources and their gaps."""
