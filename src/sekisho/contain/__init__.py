"""Containment: what is cut and kept, where it can be enforced, and in which words each gateway is told."""
