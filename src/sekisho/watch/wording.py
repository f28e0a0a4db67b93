"""Text that came in with records, made fit for one line of any target, cut to its limit."""

from __future__ import annotations

CUT = "…"


def one_line(text: str, limit: int) -> str:
    """At most `limit` characters on one line.

    What is not printable (control characters, line and paragraph separators, the marks that turn the
    direction of writing, lone surrogates) becomes a space or vanishes: none of it may pose as something
    else where a person reads.
    """
    clean = "".join(c if c.isprintable() else " " if c.isspace() else "" for c in text[: limit * 4])
    return cut(" ".join(clean.split()), limit)


def lines(text: str, limit: int, most: int = 40) -> str:
    """The same for text of several lines; at most `most` of them."""
    kept = [one_line(line, limit) for line in text[: limit * 4].splitlines()[:most]]
    return cut("\n".join(kept).strip("\n"), limit)


def cut(text: str, limit: int) -> str:
    """The beginning of a text, with a sign where something is missing."""
    return text if len(text) <= limit else text[: max(0, limit - 1)] + CUT[:limit]


def cut_octets(text: str, limit: int) -> str:
    """The same in octets of UTF-8, never within a character."""
    raw = text.encode()
    if len(raw) <= limit:
        return text
    room = max(0, limit - len(CUT.encode()))
    return raw[:room].decode("utf-8", "ignore") + (CUT if limit >= len(CUT.encode()) else "")
