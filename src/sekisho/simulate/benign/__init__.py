"""Ordinary life between the sites and the permits that allow it, one theme a file."""
