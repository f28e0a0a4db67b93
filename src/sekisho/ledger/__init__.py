"""The append-only, hash-linked record of evidence and actions, and its verifier."""
