"""How sure an indicator is: draws of its inputs, and which of them makes the scatter."""
