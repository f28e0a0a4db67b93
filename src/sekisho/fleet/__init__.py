"""Terminals: which there are, what each answered, and in which one state each is."""
