"""What a shortage costs: industries, channels, and the loss model."""
