"""What one segment came to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import pyarrow as pa

from sekisho.sources.base import Reject
from sekisho.store.streams import HourLoss

MOST_REJECTS = 1000
"""Rejects of a segment that are kept with their text; more are counted."""
MOST_DAYS = 64
"""UTC days on which flows of one segment may begin, besides those about which it arrived: each day is a
file of the lake, and a forged datagram names thirty."""
MOST_STRANGERS = 10_000
"""Addresses of strangers that are told apart."""
_LEAP = 3_600_000_000


@dataclass(slots=True)
class Taken:
    """One segment, decoded. `flows` are FLOW_SCHEMA without `file`, `row` is the record's number in it;
    `names` are NAME_SCHEMA without it, of records that gave a flow.

    `late` are flows of earlier segments whose template came with this one, by the earlier one's number, and
    `late_names` the names of such.
    `alive` are first and last arrivals (microseconds) by sensor, `records` and `flows_of` counts by
    sender, `strangers` records by the address of senders that are no sensor's, `unmatched` records by
    addresses whose sensors select others, `rejected_of` rejects by sender.
    """

    flows: list[pa.Table] = field(default_factory=list)
    names: list[pa.Table] = field(default_factory=list)
    late: dict[int, list[pa.Table]] = field(default_factory=dict)
    late_names: dict[int, list[pa.Table]] = field(default_factory=dict)
    rejects: list[Reject] = field(default_factory=list)
    rejected: int = 0
    ignored: int = 0
    records: int = 0
    last: int = 0
    alive: dict[str, list[tuple[int, int]]] = field(default_factory=dict)
    losses: list[HourLoss] = field(default_factory=list)
    received: Counter[str] = field(default_factory=Counter)
    flows_of: Counter[str] = field(default_factory=Counter)
    strangers: Counter[str] = field(default_factory=Counter)
    unmatched: Counter[str] = field(default_factory=Counter)
    rejected_of: Counter[str] = field(default_factory=Counter)
    damaged: int = 0
    lost: int = 0
    days: set[int] = field(default_factory=set)
    dropped: int = 0

    @property
    def rows(self) -> int:
        """Flows, those of earlier segments among them."""
        late = [table for tables in self.late.values() for table in tables]
        return sum(int(table.num_rows) for table in (*self.flows, *late))

    def allowed(self, days: list[int], arrival: int) -> set[int]:
        """Those of the days (numbers) whose flows are taken; `arrival` is the day of now."""
        for day in days:
            if abs(day - arrival) <= 1 or len(self.days) < MOST_DAYS:
                self.days.add(day)
        return self.days.intersection(days)

    def reject(self, found: list[Reject], senders: Sequence[str] = ()) -> None:
        """Keep rejects, within bounds. `senders` are theirs: a segment is gone by the time somebody asks
        who sent what could not be read."""
        self.rejected += len(found)
        self.rejected_of.update(filter(None, senders))
        kept = found[: max(MOST_REJECTS - len(self.rejects), 0)]
        names = [*senders, *[""] * len(kept)]
        self.rejects += [
            replace(one, reason=f"from {name}: {one.reason}") if name else one
            for one, name in zip(kept, names, strict=False)
        ]

    def saw(self, sensor: str, first: int, last: int) -> None:
        """A sensor sent something at two times (microseconds).

        A segment lasts seconds; where a clock leapt meanwhile, nothing is said of what lies between.
        """
        spans = self.alive.setdefault(sensor, [])
        spans += [(first, last)] if last - first <= _LEAP else [(first, first), (last, last)]
