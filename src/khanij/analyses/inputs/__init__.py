"""What questions read: Cases, the baseline, facts, trade codes, coverage."""
