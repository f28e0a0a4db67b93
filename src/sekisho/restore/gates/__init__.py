"""What must hold before a stage is lifted, one gate a file."""
