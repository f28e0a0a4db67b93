"""Windows event log files made by hand: a header, chunks, and records of binary XML without templates."""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping, Sequence

Element = Callable[["_Xml"], None]
Numbered = tuple[int, Element]
CHUNK = 65_536
HEADER = 4096


class _Xml:
    """Binary XML from a place in its chunk on: names refer to their own places."""

    def __init__(self, base: int) -> None:
        self.out = bytearray(b"\x0f\x01\x01\0")
        self._base = base

    def element(
        self, tag: str, content: str | Sequence[Element], attributes: Mapping[str, str]
    ) -> None:
        self.out += b"\x41" if attributes else b"\x01"
        size = self._hole()
        self._name(tag)
        if attributes:
            within = self._hole()
            for left, (name, value) in zip(
                range(len(attributes) - 1, -1, -1), attributes.items(), strict=True
            ):
                self.out += b"\x46" if left else b"\x06"
                self._name(name)
                self._text(value)
            self._fill(within)
        self.out += b"\x02"
        if isinstance(content, str):
            self._text(content)
        else:
            for inner in content:
                inner(self)
        self.out += b"\x04"
        self._fill(size)

    def _name(self, text: str) -> None:
        self.out += struct.pack("<I", self._base + len(self.out) + 4)
        code = 0
        for letter in text:
            code = (code * 65_599 + ord(letter)) & 0xFFFFFFFF
        self.out += struct.pack("<IHH", 0, code & 0xFFFF, len(text))
        self.out += text.encode("utf-16-le") + b"\0\0"

    def _text(self, value: str) -> None:
        units = value.encode("utf-16-le")
        self.out += b"\x05\x01" + struct.pack("<H", len(units) // 2) + units

    def _hole(self) -> int:
        self.out += bytes(4)
        return len(self.out)

    def _fill(self, after: int) -> None:
        self.out[after - 4 : after] = struct.pack("<I", len(self.out) - after)


def _element(tag: str, *content: Element, text: str | None = None, **attributes: str) -> Element:
    return lambda xml: xml.element(tag, content if text is None else text, attributes)


def event(
    number: int,
    record: int,
    when: str = "2024-03-01T00:00:00.1234567Z",
    *,
    host: str = "PC1.corp.example",
    channel: str = "Security",
    provider: str = "Microsoft-Windows-Security-Auditing",
    data: Mapping[str, str] | None = None,
    user_data: str = "",
) -> Numbered:
    """An event with its record's number; `data` stands in EventData, or in UserData below that element."""
    values = dict(data or {})
    if user_data:
        inside = [_element(name, text=value) for name, value in values.items()]
        body = _element("UserData", _element(user_data, *inside))
    else:
        body = _element("EventData", *[_element("Data", text=v, Name=n) for n, v in values.items()])
    system = _element(
        "System",
        _element("Provider", Name=provider),
        _element("EventID", text=str(number)),
        _element("TimeCreated", SystemTime=when),
        _element("EventRecordID", text=str(record)),
        _element("Channel", text=channel),
        _element("Computer", text=host),
    )
    return record, _element("Event", system, body)


def chunk(events: Sequence[Numbered]) -> bytes:
    """The records of one chunk."""
    out, last = bytearray(512), 0
    for record, build in events:
        last = len(out)
        xml = _Xml(len(out) + 24)
        build(xml)
        body = bytes(xml.out) + b"\0"
        size = 24 + len(body) + 4
        # The header's time is of 2019: nobody is to believe it.
        out += struct.pack("<IIQQ", 0x2A2A, size, record, 132_000_000_000_000_000)
        out += body + struct.pack("<I", size)
    free, ends = len(out), (events[0][0], events[-1][0])
    head = struct.pack("<8sQQQQIIII", b"ElfChnk\0", *ends, *ends, 128, last, free, 0)
    out[: len(head)] = head
    return bytes(out).ljust(CHUNK, b"\0")


def event_log(*chunks: Sequence[Numbered]) -> bytes:
    """A whole file."""
    count = len(chunks)
    head = struct.pack("<8sQQQIHHHH", b"ElfFile\0", 0, count - 1, 1, 128, 1, 3, HEADER, count)
    return head.ljust(HEADER, b"\0") + b"".join(chunk(events) for events in chunks)
