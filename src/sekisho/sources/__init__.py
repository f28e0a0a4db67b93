"""Reading flow logs of every format into one schema."""
