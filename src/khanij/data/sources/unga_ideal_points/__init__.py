"""United Nations General Assembly ideal points: where countries stand by how they vote."""
