"""What feeds are written in, one format a file."""
