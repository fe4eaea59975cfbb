"""What a tonne takes, by route."""
