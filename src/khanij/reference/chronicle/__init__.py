"""What happened: events, instruments, prices and losses, each dated and sourced."""
