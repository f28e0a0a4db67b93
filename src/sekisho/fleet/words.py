"""What a machine says in its own words: an intruder may have chosen them."""

from __future__ import annotations


def legible(text: str, longest: int) -> str:
    """The first characters of it, with U+FFFD for each that does not print: kept, but obeyed by no terminal."""
    return "".join(c if c.isprintable() else "\ufffd" for c in text[:longest])
