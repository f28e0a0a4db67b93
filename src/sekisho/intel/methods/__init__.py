"""What here could show a technique, what looks for it, and what is missing."""
