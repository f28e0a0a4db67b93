"""Where alerts are sent: one sink a file."""
