"""What nobody should sign without looking: one lint a file."""
