"""Logons as corroboration of hops: whose account travelled, where it was changed, where none is on record."""
