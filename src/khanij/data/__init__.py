"""From publishers' files to facts, and from facts to a Case."""
