"""Syslog around records: what stands before a message, and where one ends on a stream.

RFC 3164 (as devices write it: with a year or without, with fractions, with ISO times), RFC 5424, and the
framings of RFC 6587. A header that is none of them is part of its message.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from sekisho.sources.columns import each
from sekisho.sources.times import micros_of, micros_of_iso_text

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

LONGEST = 1 << 16
"""Bytes of a message at most; RFC 5424 asks for 2048."""
_STAMP = (
    r"(?:[A-Z][a-z]{2} {1,2}\d{1,2}(?: \d{4})?,? \d{2}:\d{2}:\d{2}(?:[.,]\d{1,9})?(?: \d{4})?"
    r"(?: (?:UTC|GMT))?"
    r"|\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2}(?:[.,]\d{1,9})?(?: ?(?:Z|UTC|[+-]\d{2}:?\d{2}))?)"
)
_DATA = r'\[[^ =\]"]{1,32}(?: [^ =\]"]{1,32}="(?:[^"\\\]]|\\.)*")*\]'
_HOST = r"(?:[A-Za-z0-9_.-]+|[0-9A-Fa-f:.]*[0-9A-Fa-f])"
_HEAD = (
    r"^(?:\d{1,9} )?(?:<(?P<priority>\d{1,3})>)?"
    rf"(?:\d{{1,2}} (?P<new>{_STAMP}|-) (?P<new_host>[^ ]{{1,255}}) [^ ]+ [^ ]+ [^ ]+"
    rf"(?: (?:-|(?:{_DATA})+)(?: |$)| |$)\x{{FEFF}}?"
    rf"|[ :*.]*(?P<old>{_STAMP})[ :]+(?:(?P<old_host>{_HOST}) )?)?"
    r"(?s:(?P<message>.*))$"
)
_BEGINS_WITH_STAMP = rf"^[ :*.]*{_STAMP}[ :]"
_DATED = re.compile(
    r"([A-Z][a-z]{2}) +(\d{1,2})(?: (\d{4}))?,? (\d\d):(\d\d):(\d\d)(?:[.,](\d+))?(?: (\d{4}))?( UTC| GMT)?"
)
_MONTHS = {
    name: number
    for number, name in enumerate(
        ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"), 1
    )
}
_COUNTED = re.compile(rb"([1-9][0-9]{0,8}) <")
_MAYBE_COUNTED = re.compile(rb"[1-9][0-9]{0,8}(?: |$)")


@dataclass(frozen=True, slots=True)
class Heads:
    """What stands before messages. `begins` is where each message begins, in bytes of its line.

    `priority` is -1 where there is none; `at` is microseconds, with `timeless` where there is none.
    """

    priority: Ints
    at: Ints
    timeless: Bools
    host: Any
    begins: Ints


def heads(lines: Any, local: tzinfo, now: datetime) -> Heads:
    """The headers of a column of lines. `local` is the zone of times that carry none.

    A relay may put its own header before the device's: the inner one stands. A year that is not told is
    the latest that does not lie more than a day after `now`.
    """
    found = _parts(lines)
    message = found.field("message")
    again = pc.fill_null(pc.match_substring_regex(message, _BEGINS_WITH_STAMP), fill_value=False)
    if pc.any(again).as_py():
        inner = _parts(pc.if_else(again, message, pa.scalar(None, pa.string())))
        stamp = pc.if_else(again, _either(inner, "new", "old"), _either(found, "new", "old"))
        host = pc.coalesce(
            _either(inner, "new_host", "old_host"), _either(found, "new_host", "old_host")
        )
        message = pc.if_else(again, inner.field("message"), message)
    else:
        stamp = _either(found, "new", "old")
        host = _either(found, "new_host", "old_host")
    at, timeless = each(stamp, lambda text: micros_of_stamp(text, local, now))
    length = pc.subtract(pc.binary_length(lines), pc.binary_length(message))
    given = pc.if_else(pc.equal(found.field("priority"), ""), None, found.field("priority"))
    priority = pc.fill_null(given.cast(pa.int64()), -1).to_numpy(zero_copy_only=False)
    return Heads(
        np.where(priority > 191, -1, priority),
        at,
        timeless,
        host,
        pc.fill_null(length, 0).cast(pa.int64()).to_numpy(zero_copy_only=False),
    )


def _parts(lines: Any) -> Any:
    return pc.extract_regex(lines, _HEAD)


def _either(parts: Any, one: str, other: str) -> Any:
    """Whichever of two groups took part; null where neither did."""
    both = [pc.if_else(pc.is_in(parts.field(name), pa.array(["", "-"])), None, parts.field(name))
            for name in (one, other)]  # fmt: skip
    return pc.coalesce(*both)


def micros_of_stamp(text: str, local: tzinfo, now: datetime) -> int:
    """A header's time as microseconds. Raises ValueError."""
    found = _DATED.fullmatch(text)
    if found is None:
        plain = text.replace(",", ".").removesuffix("UTC").strip()
        return micros_of_iso_text(plain, UTC if text.endswith("UTC") else local)
    month, day, early, hour, minute, second, fraction, late, utc = found.groups()
    zone = UTC if utc else local
    micro = int((fraction or "0")[:6].ljust(6, "0"))
    year = early or late

    def at(number: int) -> datetime:
        return datetime(
            number, _MONTHS[month], int(day), int(hour), int(minute), int(second), micro, tzinfo=zone
        )

    if month not in _MONTHS:
        raise ValueError(f"{month} is no month")
    if year is not None:
        return micros_of(at(int(year)))
    latest = now + timedelta(days=1)
    # The 29th of February may be eight years back.
    for number in range(latest.year + 1, latest.year - 9, -1):
        try:
            found_at = at(number)
        except ValueError:
            continue
        if found_at <= latest:
            return micros_of(found_at)
    raise ValueError(f"{text!r} is no day of any year")


class Framer:
    """Messages out of a byte stream, framed by octet counting or by line feeds, each as it comes.

    Holds at most one message. What is longer than `limit` is skipped and counted in `dropped`.
    """

    def __init__(self, limit: int = LONGEST) -> None:
        self.dropped = 0
        self._limit = limit
        # Its front can go without copying what is left.
        self._held = bytearray()
        self._skip = 0
        self._skip_line = False

    @property
    def unfinished(self) -> bool:
        """Whether a message has begun that has not ended yet."""
        return bool(self._held or self._skip or self._skip_line)

    def feed(self, data: bytes) -> list[bytes]:
        """The messages that end in this piece."""
        self._held += data
        messages: list[bytes] = []
        while self._held and self._step(messages):
            pass
        return messages

    def close(self) -> list[bytes]:
        """The message that the end of the stream ends; one cut short of its count is not whole."""
        left, self._held = bytes(self._held), bytearray()
        if not left.strip(b"\r\n\0") or self._skip or self._skip_line:
            return []
        if _COUNTED.match(left):
            self.dropped += 1
            return []
        return [left.rstrip(b"\r\0")]

    def _step(self, messages: list[bytes]) -> bool:
        if self._skip:
            gone = min(self._skip, len(self._held))
            self._skip -= gone
            del self._held[:gone]
            return True
        if not self._skip_line:
            counted = _COUNTED.match(self._held)
            if counted:
                return self._counted(int(counted[1]), counted.end() - 1, messages)
            if len(self._held) < 12 and _MAYBE_COUNTED.fullmatch(self._held):
                return False
        return self._line(messages)

    def _counted(self, size: int, start: int, messages: list[bytes]) -> bool:
        if size > self._limit:
            self.dropped += 1
            self._skip = size
            del self._held[:start]
            return True
        if len(self._held) < start + size:
            return False
        messages.append(bytes(self._held[start : start + size]).rstrip(b"\r\n\0"))
        end = start + size
        del self._held[: end + self._held.startswith(b"\n", end)]
        return True

    def _line(self, messages: list[bytes]) -> bool:
        end = self._held.find(b"\n")
        if end < 0:
            if len(self._held) <= self._limit:
                return False
            self.dropped += not self._skip_line
            self._skip_line = True
            self._held.clear()
            return False
        line = bytes(self._held[:end])
        del self._held[: end + 1]
        if self._skip_line:
            self._skip_line = False
        elif len(line) > self._limit:
            self.dropped += 1
        elif line.strip(b"\r\0"):
            messages.append(line.rstrip(b"\r\0"))
        return True
