"""One mineral on one page."""
