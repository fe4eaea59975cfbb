"""One folder a publisher: source.toml, parse.py, aliases.csv, corrections.toml."""
