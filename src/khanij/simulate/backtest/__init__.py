"""Real events against the engines."""
