"""Facts and tables of technologies to cubes: what they are made of, and how many there are."""
