"""Ways to get a signed head out of this system: one a file."""
