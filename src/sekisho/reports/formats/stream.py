"""Where formats for machines go: the text stream itself, past a console's wrapping and colour."""

from __future__ import annotations

from typing import TextIO, cast

from rich.console import Console

from sekisho.reports.text import json_escape, json_safe


def stream_of(out: Console | TextIO) -> TextIO:
    """The stream that a console writes to."""
    return cast(TextIO, out.file) if isinstance(out, Console) else out


def encodable(text: str, stream: TextIO) -> str:
    """The text with what the stream's encoding lacks spelled out, so that writing cannot fail."""
    encoding = getattr(stream, "encoding", None) or "utf-8"
    if encoding.lower().replace("-", "").startswith("utf"):
        return text
    return text.encode(encoding, "backslashreplace").decode(encoding)


def json_text(text: str, stream: TextIO) -> str:
    """JSON that neither moves a cursor nor hides text, in characters that the stream can encode."""
    encoding = (getattr(stream, "encoding", None) or "utf-8").lower()
    if encoding.replace("-", "").startswith("utf"):
        return json_safe(text)
    return "".join(c if c < "\x7f" else json_escape(c) for c in json_safe(text))
