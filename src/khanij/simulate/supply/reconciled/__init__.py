"""One coherent flow a stage and year: measurements, spreads, corrections."""
