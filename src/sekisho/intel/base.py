"""The contract of readers: what a feed may hold, said one by one, and how reading one ends."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Literal, Protocol

from sekisho.errors import RequestError
from sekisho.model.indicators import IndicatorKind, Tlp

LARGEST_LINES = 2 << 30
"""Bytes of a feed that is read line by line; so large a one is refused."""
LARGEST_DOCUMENT = 256 << 20
"""Bytes of a feed that is one JSON document, which must fit into memory."""
Why = Literal[
    "not_usable", "malformed", "too_wide", "company", "special_purpose", "common", "revoked", "too_many"
]
"""Why something of a feed is no indicator here: `too_wide` would match everything, `company` is one's own
address, `common` is used by everybody."""


class FeedError(RequestError):
    """A feed could not be had, or is not what its kind says. `wait` (seconds) is when its server will
    answer again."""

    def __init__(self, message: str, mend: str = "", wait: float | None = None) -> None:
        super().__init__(message, mend)
        self.wait = wait


@dataclass(frozen=True, slots=True)
class Given:
    """One indicator as a feed gives it; `kind` None: whatever the value looks like.

    `seen` is when the feed last stood by it. Times are aware UTC; None where the feed does not say.
    """

    value: str
    kind: IndicatorKind | None = None
    valid_from: datetime | None = None
    valid_until: datetime | None = None
    seen: datetime | None = None
    confidence: int | None = None
    tlp: Tlp | None = None
    source: str = ""
    says: str = ""
    details: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Aside:
    """Something of a feed that is no indicator here, and its words."""

    why: Why
    text: str


@dataclass(frozen=True, slots=True)
class Superseded:
    """A feed's own name of something that it gives anew or takes back: what was kept of it goes."""

    source: str


Item = Given | Aside | Superseded


@dataclass(frozen=True, slots=True)
class Columns:
    """How a table is laid out: the column of values, and the one that says what they are or the kind of all."""

    value: str = ""
    kind: str = ""
    all_are: IndicatorKind | None = None
    says: str = ""


class Reader(Protocol):
    """Reads one format."""

    largest: int
    """Bytes of a file that it takes."""

    def read(self, path: Path, columns: Columns) -> Iterable[Item]:
        """What a file holds. Raises FeedError where it is another format."""
        ...
