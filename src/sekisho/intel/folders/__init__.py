"""Feeds that are many small files: rules, advisories."""
