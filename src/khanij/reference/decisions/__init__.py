"""What others built, signed and stored: records that decisions lean on, each row with a source."""
