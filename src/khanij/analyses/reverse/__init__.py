"""The likeliest ways to lose a given amount."""
