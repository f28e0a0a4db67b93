"""What raises or lowers the severity of a finding, one reason a file."""
