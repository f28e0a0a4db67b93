"""Signs that a connection is kept by a program and not by a person, one indicator a file."""
