"""Text from input made safe to show on a terminal.

Names, services and reasons come from logs and files that an intruder may have written. A terminal
obeys control characters, so none may reach it (CWE-150), and neither may the characters that reverse
or hide text (Unicode TR 36, bidirectional overrides and zero-width characters).
"""

from __future__ import annotations

import re

_UNSAFE = re.compile(
    "["
    "\x00-\x1f\x7f-\x9f"  # C0, DEL, C1 (U+009B alone begins a control sequence)
    "\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202f\u2060-\u206f"  # soft hyphen, zero width, bidi
    "\ufe00-\ufe0f\ufeff\ufff9-\ufffb"  # variation selectors, byte order mark, annotations
    "\ud800-\udfff"  # lone surrogates cannot be written as UTF-8
    "\U000e0000-\U000e007f"  # tags
    "]"
)
_UNSAFE_BUT_NEWLINES = re.compile(_UNSAFE.pattern.replace("\x00-\x1f", "\x00-\x09\x0b-\x1f"))


def printable(text: str, *, keep_newlines: bool = False, ascii_only: bool = False) -> str:
    r"""The text with control and hiding characters spelled out (`\x1b`, `\u202e`).

    `keep_newlines` is for text of our own that has several lines; `ascii_only` spells out everything
    that a terminal without UTF-8 cannot show.
    """
    if text.isascii() and text.isprintable():
        return text
    pattern = _UNSAFE_BUT_NEWLINES if keep_newlines else _UNSAFE
    text = pattern.sub(_spelled, text)
    return text.encode("ascii", "backslashreplace").decode("ascii") if ascii_only else text


def json_safe(text: str) -> str:
    """JSON text whose strings carry unsafe characters as JSON escapes: the same value, safe to show."""
    if text.isascii() and text.replace("\n", "").isprintable():
        return text
    return _UNSAFE_BUT_NEWLINES.sub(lambda match: json_escape(match.group()), text)


def json_escape(character: str) -> str:
    r"""One character as JSON escapes it, `\u009b`; two escapes beyond the basic plane (RFC 8259, 7)."""
    code = ord(character)
    if code <= 0xFFFF:
        return f"\\u{code:04x}"
    code -= 0x10000
    return f"\\u{0xD800 + (code >> 10):04x}\\u{0xDC00 + (code & 0x3FF):04x}"


def _spelled(match: re.Match[str]) -> str:
    code = ord(match.group())
    if code <= 0xFF:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"
