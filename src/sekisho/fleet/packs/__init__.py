"""Checks for a kind of incident, in the order in which they are worth asking: a file of data each."""
