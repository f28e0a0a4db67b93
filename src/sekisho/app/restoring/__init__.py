"""Giving communication back as a person works with it: plan, status, approve, lift, and cut again."""
