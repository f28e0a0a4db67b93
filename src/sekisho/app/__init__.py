"""One use case a verb: what the command line and other faces call."""
