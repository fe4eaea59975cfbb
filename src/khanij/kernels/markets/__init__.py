"""How markets answer: prices, months, cascades, and what a shortage does to an economy."""
