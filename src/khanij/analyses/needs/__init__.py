"""Who needs a good, and what a product hangs on."""
