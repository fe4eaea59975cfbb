"""Terms, goals and growth of a plan, the sample of losses it is made on, and its regrets."""
