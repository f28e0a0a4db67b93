"""How much went from host to host, day by day, over the connections of assets in scope."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from sekisho.audit.baseline import Day
from sekisho.investigate.fabric import RESIDUAL, ROLES, Fabric, Ints
from sekisho.model.verdicts import Rank
from sekisho.store.lake import Lake

FLOOR = 500_000
"""Bytes one way over all time below which a connection is not looked at."""
MOST = 200_000
"""Connections that are looked at: those with outside parties first, then those with the most flows."""
LEAST = 4096
"""Bytes one way that count on a day on which nothing was established."""
SCREENS = frozenset({3389, 5900, 5901, 5902, 5903, 5938, 7070})
"""TCP ports over which a picture of a screen comes: their bytes are no copied data."""
_MOVING = [ROLES.index(role) for role in ("administration", "file", "database", "other")]


@dataclass(frozen=True, slots=True)
class Moved:
    """One UTC day (its number) of one way of a connection: IP-layer bytes that went and how many more it
    may have been, bytes that came back, when first and last (microseconds), flows, UTC hours and flags."""

    day: int
    low: int
    spread: int
    back: int
    first: int
    last: int
    flows: int
    hours: int
    flags: int

    @property
    def as_day(self) -> Day:
        """As baselines take it: the volume is what went this way."""
        return Day(self.day, self.low, self.flows, self.hours)


@dataclass(frozen=True, slots=True)
class Way:
    """One way of a connection (row of the fabric): `src` is the host that bytes came from, `dst` where they
    went; `pulled` where `dst` opened it. Days in order."""

    row: int
    src: int
    dst: int
    pulled: bool
    days: tuple[Moved, ...]


def rows_of(fabric: Fabric, hosts: Collection[int], steps: Collection[int]) -> tuple[list[int], int]:
    """Connections of hosts that may have carried data away, and how many were left out.

    All with outside parties; within the company those that are steps or that no rule allows, those between
    two of the hosts, and those of services that move data.
    """
    found: dict[int, None] = {}
    inside = np.zeros(len(fabric.hosts.site), dtype=np.bool_)
    inside[list(hosts)] = True
    wanted = np.zeros(len(fabric), dtype=np.bool_)
    wanted[list(steps)] = True
    for host in sorted(hosts):
        rows = fabric.of_host(host)
        rows = rows[fabric.rank[rows] != int(Rank.ATTEMPTED)]
        outside = ~(fabric.hosts.internal[fabric.src[rows]] & fabric.hosts.internal[fabric.dst[rows]])
        both = inside[fabric.src[rows]] & inside[fabric.dst[rows]]
        moving = np.isin(fabric.role[rows], _MOVING)
        residual = np.isin(fabric.rank[rows], list(RESIDUAL))
        found.update(dict.fromkeys(rows[outside | both | moving | residual | wanted[rows]].tolist()))
    every = np.array(list(found), dtype=np.int64)
    internal = fabric.hosts.internal
    within = internal[fabric.src[every]] & internal[fabric.dst[every]]
    kept = every[np.lexsort((-fabric.flows[every], within))][:MOST]
    return sorted(kept.tolist()), len(every) - len(kept)


def ways(lake: Lake, fabric: Fabric, rows: list[int], hosts: Collection[int]) -> Iterator[Way]:
    """Both ways of connections within the company, and out of the company those that lead there. Of a row
    that stands for a relay's client it is what all of the relay's clients moved."""
    table = lake.uses.daily(fabric.table(rows), FLOOR) if rows else None
    if table is None or not table.num_rows:
        return
    number = table["number"].to_numpy()
    cuts = [0, *(np.flatnonzero(np.diff(number)) + 1).tolist(), len(number)]
    columns = {name: table[name].to_numpy() for name in table.column_names}
    for begin, end in pairwise(cuts):
        row = rows[int(number[begin])]
        src, dst = int(fabric.src[row]), int(fabric.dst[row])
        for pulled, out, back in ((False, "sent", "received"), (True, "received", "sent")):
            whence, where = (dst, src) if pulled else (src, dst)
            if not fabric.internal(whence) or not {whence, where} & set(hosts):
                continue
            days = tuple(_days(columns, begin, end, out, back))
            if sum(day.low + day.spread for day in days) >= FLOOR:
                yield Way(row, whence, where, pulled, days)


def _days(columns: dict[str, Ints], begin: int, end: int, out: str, back: str) -> Iterator[Moved]:
    names = (
        out,
        f"{out}_spread",
        back,
        "day",
        "first",
        "last",
        "flows",
        "hours",
        "flags",
        "established",
    )
    picked = (columns[name][begin:end].tolist() for name in names)
    for low, spread, came, day, first, last, flows, hours, flags, established in zip(
        *picked, strict=True
    ):
        if established or low + spread >= LEAST:
            yield Moved(day, int(low), int(spread), int(came), first, last, flows, hours, flags)
