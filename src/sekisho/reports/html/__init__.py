"""Self-contained pages: no network, no inline handlers, everything from input escaped."""
