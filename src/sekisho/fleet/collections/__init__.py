"""What is collected from terminals without an agent of ours, one form a file."""
