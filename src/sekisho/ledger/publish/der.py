"""As much of DER (ITU-T X.690) as a time stamp needs: write a request, look into an answer."""

from __future__ import annotations

from dataclasses import dataclass

BOOLEAN, INTEGER, OCTETS, OID, SEQUENCE, SET, TIME = 1, 2, 4, 6, 0x30, 0x31, 0x18
NULL = b"\x05\x00"


@dataclass(frozen=True, slots=True)
class Element:
    """One element: its tag (a single octet) and content."""

    tag: int
    content: bytes


def element(tag: int, *parts: bytes) -> bytes:
    """An element of these parts."""
    content = b"".join(parts)
    size = len(content)
    if size < 128:
        return bytes([tag, size]) + content
    length = size.to_bytes((size.bit_length() + 7) // 8)
    return bytes([tag, 128 | len(length)]) + length + content


def integer(value: int) -> bytes:
    """A whole number from 0."""
    return element(INTEGER, value.to_bytes(value.bit_length() // 8 + 1))


def elements(raw: bytes) -> tuple[Element, ...]:
    """What stands in a content, one after the other. Raises ValueError where that is no DER."""
    found, place = [], 0
    while place < len(raw):
        tag = raw[place]
        if tag & 31 == 31 or place + 1 >= len(raw):
            raise ValueError("no DER: a tag of several octets, or a cut end")
        size, start = raw[place + 1], place + 2
        if size & 128:
            octets = size & 127
            if not 1 <= octets <= 4 or start + octets > len(raw):
                raise ValueError("no DER: a length of that form")
            size = int.from_bytes(raw[start : start + octets])
            start += octets
        if start + size > len(raw):
            raise ValueError("no DER: it is cut short")
        found.append(Element(tag, raw[start : start + size]))
        place = start + size
    return tuple(found)


def inside(parent: Element, tag: int) -> tuple[Element, ...]:
    """The elements in a parent of this tag. Raises ValueError."""
    if parent.tag != tag:
        raise ValueError(f"tag {parent.tag:#04x} where {tag:#04x} was expected")
    return elements(parent.content)


def number(found: Element) -> int:
    """An INTEGER's value. Raises ValueError."""
    if found.tag != INTEGER or not found.content:
        raise ValueError("no INTEGER")
    return int.from_bytes(found.content, signed=True)
