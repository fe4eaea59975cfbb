"""What a plan amounts to: its account, margins, parts, robustness and what it secures."""
