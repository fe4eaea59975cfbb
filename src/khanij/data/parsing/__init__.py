"""From publishers' labels, tables and rows to facts."""
