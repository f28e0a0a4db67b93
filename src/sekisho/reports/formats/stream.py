"""Where formats for machines go: the text stream itself, past a console's wrapping and colour."""

from __future__ import annotations

from typing import TextIO, cast

from rich.console import Console

from sekisho.reports.text import json_escape, json_safe


def stream_of(out: Console | TextIO) -> TextIO:
    """The stream that a console writes to."""
    return cast(TextIO, out.file) if isinstance(out, Console) else out


def is_utf(stream: TextIO) -> bool:
    """Whether the stream can encode every character."""
    encoding = getattr(stream, "encoding", None) or "utf-8"
    return bool(encoding.lower().replace("-", "").startswith("utf"))


def encodable(text: str, stream: TextIO) -> str:
    """The text with what the stream's encoding lacks spelled out, so that writing cannot fail."""
    if is_utf(stream):
        return text
    return text.encode(stream.encoding, "backslashreplace").decode(stream.encoding)


def xml_text(text: str, stream: TextIO) -> str:
    """XML in characters that the stream can encode, as character references where need be."""
    return text if is_utf(stream) else text.encode("ascii", "xmlcharrefreplace").decode("ascii")


def json_text(text: str, stream: TextIO) -> str:
    """JSON that neither moves a cursor nor hides text, in characters that the stream can encode."""
    if is_utf(stream):
        return json_safe(text)
    return "".join(c if c < "\x7f" else json_escape(c) for c in json_safe(text))
