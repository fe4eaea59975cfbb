"""Methods and official lists against each other."""
