"""Containment as a person works with it: plan, preview, approve, apply, confirm, lift."""
