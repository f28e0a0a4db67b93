"""Feeds and what was found by them, as documents: `sekisho.feeds/1` and `sekisho.hunt/1`."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from sekisho.model.documents import Document
from sekisho.model.findings import Bytes, End, Onset, Span, Time
from sekisho.model.indicators import IndicatorKind, Tlp
from sekisho.model.verdicts import Severity

FeedStanding = Literal["current", "stale", "failing", "never", "off"]
"""`failing` did not answer when it was asked last, but is not stale yet; `never` was never fetched."""


class FeedDocument(Document):
    """How a feed stands. `checked` is when its source last answered, for a file when that was last written;
    `age_seconds` counts from there. `aside` is how much of it is no indicator here, by why, `examples` some of
    that. `entries` are its techniques, rules or advisories; `expired` of what it holds counts no more."""

    name: str
    kind: str
    place: str
    licence: str
    tlp: Tlp
    confidence: int
    standing: FeedStanding
    checked: Time | None
    changed: Time | None
    age_seconds: int | None
    error: str | None = None
    indicators: int
    entries: int = 0
    expired: int
    aside: dict[str, int] = Field(default={})
    examples: dict[str, tuple[str, ...]] = Field(default={})


class FeedsDocument(Document):
    """`sekisho intel list` and `refresh`."""

    schema_: Literal["sekisho.feeds/1"] = Field(default="sekisho.feeds/1", alias="schema")
    made: Time
    feeds: tuple[FeedDocument, ...]
    indicators: int
    notes: tuple[str, ...] = ()


class Matched(Document):
    """An indicator that was found. `via` is what of the record it is: address, prefix, url, or a kind of name;
    `value` of the record is `found`. `expired`: it is shown, and raises nothing."""

    kind: IndicatorKind
    value: str
    via: str
    found: str
    feed: str
    feed_standing: FeedStanding
    feed_age_seconds: int | None
    licence: str
    confidence: int
    tlp: Tlp
    valid_from: Time | None
    valid_until: Time | None
    expired: bool
    source: str
    says: str


Followed = Literal["followed", "none_followed", "not_recorded", "no_answer"]
"""What came after a lookup: a connection of who asked to an address it was given; none, by a sensor that
recorded; nobody recorded, or looked through, what would show it; no address was given, or none is on record."""


class Lookup(Document):
    """An indicated name that was looked up: by whom and how often the record around it says, `answers` are at
    most the first 20 that were given, `text` says what came after."""

    name: str
    times: int
    first_seen: Time
    last_seen: Time
    answers: tuple[str, ...]
    followed: Followed
    text: str


class Hit(Document):
    """A connection with indicators, the most believed first. `finding` is the id under which `audit` shows it
    where it is `raised`. Measures are of all of its flows on the days of the hunt; `onset` is of the
    indicators where only names in it are any. `lookups` are the names that were asked for in it."""

    finding: str
    raised: bool
    severity: Severity | None
    indicators: tuple[Matched, ...]
    src: End
    dst: End
    protocol: str
    port: int
    first_seen: Time
    last_seen: Time
    days_active: int
    flows: int
    established: int
    bytes_out: Bytes
    bytes_in: Bytes
    onset: Onset
    sensors: tuple[str, ...]
    lookups: tuple[Lookup, ...] = ()


class NamedOnly(Document):
    """A name on record that is an indicator, of which there is no flow: where it was written first.

    `finding` is the id under which `audit` shows it where it is `raised`: that of the connection it was seen
    in, `src` to `dst`, of which nothing else is on record. None where the record names no ends or no port.
    """

    indicator: Matched
    finding: str | None = None
    raised: bool = False
    severity: Severity | None = None
    src: End | None = None
    dst: End | None = None
    protocol: str | None = None
    port: int | None = None
    onset: Onset | None = None
    lookup: Lookup | None = None
    times: int
    first_seen: Time
    last_seen: Time
    sensors: tuple[str, ...]
    path: str
    sha256: str
    row: int


class HuntDocument(Document):
    """`sekisho intel hunt`. `hunted` counts indicators by kind, expired ones included; `recorded` and `named`
    are whether there are flows and names of the window at all: where not, nothing found says nothing.
    `total` is how many matches there are, also beyond those given."""

    schema_: Literal["sekisho.hunt/1"] = Field(default="sekisho.hunt/1", alias="schema")
    made: Time
    window: Span
    feeds: tuple[FeedDocument, ...]
    hunted: dict[str, int]
    recorded: bool
    named: bool
    total: int
    hits: tuple[Hit, ...]
    names: tuple[NamedOnly, ...] = ()
    notes: tuple[str, ...] = ()
