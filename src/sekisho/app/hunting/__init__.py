"""Feeds of indicators, and the hunt for them."""
