"""Log formats as the real programs write them, one a file."""
