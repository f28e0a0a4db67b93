"""The forms in which companies keep a list of their terminals, one a file."""
