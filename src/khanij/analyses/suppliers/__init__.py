"""One supplier through the years, two countries side by side, and who could fill a gap."""
