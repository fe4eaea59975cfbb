"""What a fact is, where it comes from, what was corrected, and where it is kept."""
