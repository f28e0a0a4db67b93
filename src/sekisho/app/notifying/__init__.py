"""Duties to notify as a person works with them: read the laws, record facts, ask the clocks, deliver."""
