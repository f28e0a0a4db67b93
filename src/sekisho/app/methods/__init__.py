"""Methods of intruders: what here would show them, what is new of them, and whom that concerns."""
