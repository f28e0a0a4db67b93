"""What a site and the centre say to each other: HTTP/1.1 over mutual TLS, JSON where not a segment.

    POST /v1/hello                what the site has, what it had to drop, what its clock says
    GET  /v1/segments/HASH        how much of that content the centre holds
    PUT  /v1/segments/HASH        the segment, or the rest of it (`Content-Range`)

HASH is the SHA-256 of the content, which names it for good: sending twice is harmless. The answer to
the last byte is given after the segment is durable at the centre, never before.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

HELLO = "/v1/hello"
SEGMENTS = "/v1/segments"
NAME_HEADER = "sekisho-name"
LANE_HEADER = "sekisho-lane"
LARGEST_HELLO = 1 << 20
"""Bytes of a JSON message; one that is longer is refused unread."""
MOST_SPANS = 1000
MOST_NAMED = 50
"""Foreign exporters that an answer names; of the rest it says how many records they sent."""

Lane = Literal["live", "late"]
Why = Literal["age", "size", "refused"]
Instant = Annotated[
    AwareDatetime, Field(ge=datetime(1970, 1, 1, tzinfo=UTC), lt=datetime(2200, 1, 1, tzinfo=UTC))
]
"""What a clock may say, however wrong it is."""
Count = Annotated[int, Field(ge=0, le=1 << 62)]
HASH = re.compile(r"[0-9a-f]{64}")
_RANGE = re.compile(r"bytes (?:([0-9]{1,18})-([0-9]{1,18})|\*)/([0-9]{1,18})")


class Message(BaseModel):
    """What one end tells the other; what a later version adds is passed over."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class DroppedSpan(Message):
    """What a site recorded and could not keep until the centre had it.

    `begin` and `end` are when the first and the last of these segments were sealed, by the site's
    clock. `why`: older than is kept, over the limit in bytes, or refused by the centre as broken.
    """

    id: Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
    begin: Instant
    end: Instant
    segments: Count
    size: Count
    why: Why


class Hello(Message):
    """What a site says of itself. `now` is its clock, `oldest` when its oldest segment was sealed."""

    now: Instant
    pending: Count = 0
    pending_bytes: Count = 0
    oldest: Instant | None = None
    dropped: Annotated[tuple[DroppedSpan, ...], Field(max_length=MOST_SPANS)] = ()


class Welcome(Message):
    """The centre's answer: who it takes the site for, how far the site's clock is ahead of its own.

    Every span that the hello told is durable at the centre when this is sent.
    """

    collector: str
    now: Instant
    ahead_seconds: float


class Held(Message):
    """How much of a segment the centre has; `offset` is where to go on."""

    state: Literal["unknown", "partial", "stored"]
    offset: Count = 0


class Receipt(Message):
    """The segment is durable at the centre. `foreign` counts records that were refused, by exporter."""

    state: Literal["stored", "known"]
    records: Count = 0
    foreign: dict[str, Count] = {}
    foreign_records: Count = 0


class Refusal(Message):
    """Why something was not taken."""

    code: str
    message: str
    offset: Count = 0


@dataclass(frozen=True, slots=True)
class Range:
    """Bytes `begin` up to but not including `end` of `total`."""

    begin: int
    end: int
    total: int

    def __str__(self) -> str:
        if self.begin == self.end:
            return f"bytes */{self.total}"
        return f"bytes {self.begin}-{self.end - 1}/{self.total}"


def parse_range(text: str) -> Range | None:
    """The value of `Content-Range`, None where it says nothing that can be. `*` is the empty end."""
    match = _RANGE.fullmatch(text)
    if match is None:
        return None
    total = int(match[3])
    if match[1] is None:
        return Range(total, total, total)
    begin, end = int(match[1]), int(match[2]) + 1
    return Range(begin, end, total) if begin < end <= total else None
