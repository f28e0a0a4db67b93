"""What is known so far of one connection that should not be, put together as its records come.

A reply may come in another file than what it answers, and the bytes one way that make a connection count
as established add up over a day: so what was seen is kept, and judged anew each time.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sekisho.model import protocols
from sekisho.model.addresses import text_of
from sekisho.model.findings import finding_id
from sekisho.model.flows import ONE_WAY_VOLUME
from sekisho.model.verdicts import Rank
from sekisho.store.base import microseconds

Key = tuple[str, int, int, str, int, int, int, int]
"""(src_realm, src_hi, src_lo, dst_realm, dst_hi, dst_lo, protocol, port)"""
PIECES = 4
"""Days, or pieces of days, of which a connection is kept in detail; what came before is only counted."""
CLIENTS = 256
"""Client ports of one connection that are remembered."""
_COUNTS = (
    "flows", "established", "oneway_flows", "oneway_out", "oneway_in", "bytes_out", "bytes_in",
)  # fmt: skip
_NEEDS = (Rank.LAPSED, Rank.UNAUTHORIZED)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(slots=True)
class Piece:
    """What each sensor saw in a piece of a day, and the decision (a Rank) for established flows."""

    day: int
    decided: int
    views: dict[str, list[int]] = field(default_factory=dict)
    """By sensor, in the order of `_COUNTS`."""


@dataclass(slots=True)
class Connection:
    """One connection. `key` as the audit has it; times are aware UTC.

    `judged_at` is when it was first what its verdict says; `sent`, `answered` are client ports of which
    one direction alone has come, `clients` all that are known. `turned` names the finding that it became
    when it turned out that the other end had opened it, or that its ends stood for others.
    """

    key: Key
    first: datetime
    last: datetime
    judged_at: datetime
    alert: str = ""
    pieces: dict[int, Piece] = field(default_factory=dict)
    past: dict[str, list[int]] = field(default_factory=dict)
    past_rank: int = 0
    provisional: bool = True
    orientation: int = 0
    sent: list[int] = field(default_factory=list)
    answered: list[int] = field(default_factory=list)
    clients: list[int] = field(default_factory=list)
    turned: str = ""

    @property
    def finding(self) -> str:
        """The id that the audit gives to the connection."""
        return finding_of(self.key)

    @property
    def moved(self) -> bool:
        """Whether all of it turned out to be another's, by a translation."""
        return bool(self.turned) and not self.provisional

    def give_up(self, row: Mapping[str, Any]) -> None:
        """Take away what a row of arrivals has that was absorbed before."""
        piece = self.pieces.get(row["piece"])
        if piece is None:
            view = self.past.get(row["sensor"], [])
            counts = [row[name] for name in ("flows", "established", "bytes_out", "bytes_in")]
        else:
            view = piece.views.get(row["sensor"], [])
            counts = [row[name] for name in _COUNTS]
        view[:] = [max(0, a - b) for a, b in zip(view, counts, strict=False)]

    @property
    def empty(self) -> bool:
        """Whether no flow of it is left."""
        return self.total()[0] == 0

    def absorb(self, row: Mapping[str, Any]) -> None:
        """Add a row of violations (see `judging`)."""
        self.first, self.last = min(self.first, row["first"]), max(self.last, row["last"])
        before = self.rank
        piece = self.pieces.setdefault(row["piece"], Piece(row["day"], row["decided"]))
        piece.decided = max(piece.decided, row["decided"])
        counts = [row[name] for name in _COUNTS]
        old = piece.views.get(row["sensor"], [0] * len(_COUNTS))
        piece.views[row["sensor"]] = [a + b for a, b in zip(old, counts, strict=True)]
        self.provisional = self.provisional and row["provisional"]
        self.orientation = max(self.orientation, row["orientation"])
        if self.rank > before:
            self.judged_at = row["first_established"] or row["first"]
        while len(self.pieces) > PIECES:
            self._fold(min(self.pieces))

    def add_ports(self, sent: Iterable[int], answered: Iterable[int], clients: Iterable[int]) -> None:
        """Add what is known of client ports; halves that meet are one established flow."""
        here, there = {*self.sent, *sent}, {*self.answered, *answered}
        met = here & there
        self.sent, self.answered = sorted(here - met)[:CLIENTS], sorted(there - met)[:CLIENTS]
        self.clients = sorted({*self.clients, *clients})[:CLIENTS]
        if met and self.pieces:
            before = self.rank
            for view in self.pieces[max(self.pieces)].views.values():
                view[1] += len(met)
                view[0] = max(view[1], view[0] - len(met))
                view[2] = max(0, view[2] - 2 * len(met))
                break
            if self.rank > before:
                self.judged_at = self.last

    def _fold(self, begin: int) -> None:
        self.past_rank = max(self.past_rank, self._rank_of(begin))
        counted = self._counted(begin)
        for sensor, view in self.pieces.pop(begin).views.items():
            old = self.past.get(sensor, [0, 0, 0, 0])
            new = [view[0], counted.get(sensor, 0), view[5], view[6]]
            self.past[sensor] = [a + b for a, b in zip(old, new, strict=True)]

    def _counted(self, begin: int) -> dict[str, int]:
        """Flows that count as established in a piece, by sensor: the volume one way is the day's."""
        piece = self.pieces[begin]
        found = {}
        for sensor, view in piece.views.items():
            day = [
                one.views[sensor]
                for one in self.pieces.values()
                if one.day == piece.day and sensor in one.views
            ]
            volume = max(sum(one[3] for one in day), sum(one[4] for one in day))
            found[sensor] = view[1] + (view[2] if volume >= ONE_WAY_VOLUME else 0)
        return found

    def _rank_of(self, begin: int) -> int:
        decided = self.pieces[begin].decided
        if decided in _NEEDS and not any(self._counted(begin).values()):
            return int(Rank.ATTEMPTED)
        return decided

    @property
    def rank(self) -> int:
        """The worst verdict so far; 0 where nothing is known."""
        return max([self.past_rank, *map(self._rank_of, self.pieces)])

    def total(self) -> tuple[int, int, int, int]:
        """(flows, established, bytes out, bytes in): what one sensor saw at most. Several sensors see the
        same flows."""
        sums = {sensor: list(view) for sensor, view in self.past.items()}
        for begin, piece in self.pieces.items():
            counted = self._counted(begin)
            for sensor, view in piece.views.items():
                old = sums.get(sensor, [0, 0, 0, 0])
                new = [view[0], counted[sensor], view[5], view[6]]
                sums[sensor] = [a + b for a, b in zip(old, new, strict=True)]
        columns = list(zip(*sums.values(), strict=True)) or [(0,)] * 4
        flows, established, out, back = (max(column) for column in columns)
        return flows, established, out, back

    @property
    def sensors(self) -> tuple[str, ...]:
        """Who saw it."""
        return tuple(sorted({*self.past, *(s for p in self.pieces.values() for s in p.views)}))

    @property
    def days(self) -> int:
        """On how many days it was seen, as far as they are kept."""
        return max(1, len({piece.day for piece in self.pieces.values()}))

    def to_json(self) -> str:
        """As the state keeps it."""
        values = {name: getattr(self, name) for name in _PLAIN}
        values |= {name: microseconds(getattr(self, name)) for name in _TIMES}
        values["pieces"] = [
            [begin, piece.day, piece.decided, piece.views] for begin, piece in self.pieces.items()
        ]
        return json.dumps(values, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> Connection:
        """What `to_json` wrote."""
        values: dict[str, Any] = json.loads(text)
        pieces = {begin: Piece(*rest) for begin, *rest in values.pop("pieces")}
        times: dict[str, Any] = {
            name: _EPOCH + timedelta(microseconds=values.pop(name)) for name in _TIMES
        }
        return cls(key=tuple(values.pop("key")), pieces=pieces, **times, **values)


_TIMES = ("first", "last", "judged_at")
_PLAIN = (
    "key", "alert", "past", "past_rank", "provisional", "orientation", "sent", "answered", "clients",
    "turned",
)  # fmt: skip


def fresh(key: Key, row: Mapping[str, Any]) -> Connection:
    """A connection of which nothing is known yet; `row` is to be absorbed."""
    return Connection(key, row["first"], row["last"], row["first_established"] or row["first"])


def finding_of(key: Key) -> str:
    """The id that the audit gives to a connection."""
    return finding_id(
        text_of(key[1], key[2]), text_of(key[4], key[5]), protocols.name(key[6]), key[7], key[0], key[3]
    )
