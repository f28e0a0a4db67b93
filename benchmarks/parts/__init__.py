"""What is measured, one thing a file. Each `measure` prints Markdown."""
