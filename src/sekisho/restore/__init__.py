"""Giving communication back: in stages, each behind gates that open on evidence."""
