"""World Mining Data: production by country of 65 materials."""
