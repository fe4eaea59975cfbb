"""A country in figures: overview, minerals, suppliers, gaps."""
