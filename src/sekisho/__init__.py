"""Audit the connections between sites."""

__version__ = "0.1.0"
