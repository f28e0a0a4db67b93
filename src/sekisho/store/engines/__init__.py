"""What can run the named questions; the only place that imports an engine's driver."""
