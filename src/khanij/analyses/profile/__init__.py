"""A country in figures: overview, minerals, suppliers, chains, gaps."""
