"""Sigma rules over the events of terminals' logs; docs/reference/sigma.md says what of Sigma is understood."""
