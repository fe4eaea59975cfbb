"""What things are: axes, cubes, cases, results, methods, units, errors. NumPy and the standard library only."""
