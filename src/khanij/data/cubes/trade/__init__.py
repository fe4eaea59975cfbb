"""Trade facts to cubes: by material and stage, by trade code over thirty years, and as one peer takes them."""
