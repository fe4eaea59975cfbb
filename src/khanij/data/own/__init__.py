"""Facts of a firm or ministry, laid over the store."""
