"""What sensors say after a stage was told: what crossed, what stopped that was to go on, and who looked.

A connection is missed only where it is steady: an established record of it began and ended within each of
the stretches before, all as long as the one after. What is seen less often may be late without being broken.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sekisho.audit.evidence import KEYS, Key, key_of, rows_of
from sekisho.audit.marks import keys_of
from sekisho.audit.sight import Sight
from sekisho.contain.cutting import Going
from sekisho.contain.escaped import Crossing, crossings, grace_of
from sekisho.contain.force import Force, Hold
from sekisho.store.lake import Lake

STRETCHES = 6
"""So many times in a row a connection was seen before it is missed."""
MOST, EACH = 50_000, 200
"""Records that are read of one stretch, in all and of one connection."""


@dataclass(frozen=True, slots=True)
class Soaked:
    """What was seen in [begin, end) (aware UTC) after a stage was told.

    `escaped` are connections that crossed what is cut, those of which nobody can say whether their data
    arrived among them; `steady` those that were to go on and are missed where they stop, `broken` the ones
    that stopped; `unjudged` is how many go on too seldom for that. `blind` says, one by one, of what nothing
    is known up to `end`.
    """

    begin: datetime
    end: datetime
    escaped: tuple[Crossing, ...] = ()
    steady: int = 0
    broken: tuple[Key, ...] = ()
    unjudged: int = 0
    blind: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Soak:
    """One stage: its gateways, when the first and the last of them was told, and how long it is looked at."""

    gateways: frozenset[str]
    first: datetime
    last: datetime
    span: timedelta

    def window(self, lake: Lake) -> tuple[datetime, datetime]:
        """The time after it that counts, by the sensors' clocks."""
        begin = self.last + grace_of(lake.offsets())
        return begin, begin + self.span


def soaked(lake: Lake, force: Force, one: Soak) -> Soaked:
    """Look at a stage. `force` holds the plan alone."""
    (hold,) = force.holds
    begin, end = one.window(lake)
    heard = latest(lake)
    going = Going(hold.cutting, one.gateways)
    ever, steady = _steady(lake, going, one)
    with lake.stage(begin, end) as stage:
        after = {key_of(r) for r in rows_of(stage.judge(going).violations) if r["established"]}
    missed = {key: sensors for key, sensors in steady.items() if key not in after}
    late = _too_long(lake, missed, one)
    broken = [key for key in missed if key not in late]
    blind = [*_blind(force, hold, one, heard, end)]
    silent = [key for key in broken if all(heard.get(s, begin) < end for s in missed[key])]
    if silent:
        names = sorted({sensor for key in silent for sensor in missed[key]})
        blind.append(f"{', '.join(names)} recorded nothing up to the end: {len(silent)} may go on")
    judged = len(steady) - len(late)
    if ever and not judged:
        blind.append(
            f"of {len(ever)} connections that are to go on none is seen every {_minutes(one.span)}:"
            " look for longer (--soak)"
        )
    return Soaked(
        begin,
        end,
        tuple(one for one in crossings(lake, force) if one.came in ("escaped", "one_way")),
        judged,
        tuple(sorted(key for key in broken if key not in silent)),
        len(ever | after) - judged,
        tuple(blind),
    )


def latest(lake: Lake) -> dict[str, datetime]:
    """Up to when each sensor is known to have recorded: its latest record, or the end of what a file spans."""
    found: dict[str, datetime] = {}
    for table, column in ((lake.spans(), "end"), (lake.hours(), "last")):
        for row in rows_of(table):
            if row[column] is not None:
                found[row["sensor"]] = max(row[column], found.get(row["sensor"], row[column]))
    return found


def _stretches(one: Soak) -> Iterator[tuple[datetime, datetime]]:
    """Before the first gateway of it was told, the latest first."""
    for n in range(STRETCHES):
        yield one.first - (n + 1) * one.span, one.first - n * one.span


def _steady(lake: Lake, going: Going, one: Soak) -> tuple[set[Key], dict[Key, frozenset[str]]]:
    """What was to go on and was established in any stretch, and in all of them with the sensors that saw it."""
    ever: set[Key] = set()
    steady: dict[Key, frozenset[str]] | None = None
    for begin, end in _stretches(one):
        with lake.stage(begin, end) as stage:
            found = stage.judge(going).violations
            here = {key_of(row) for row in rows_of(found) if row["established"]}
            sensors: dict[Key, set[str]] = {}
            if steady is None:
                for row in rows_of(stage.views(found.select(KEYS))):
                    sensors.setdefault(key_of(row), set()).add(row["sensor"])
        ever |= here
        if steady is None:
            steady = {key: frozenset(sensors.get(key, ())) for key in here}
        else:
            steady = {key: names for key, names in steady.items() if key in here}
    return ever, steady or {}


def _too_long(lake: Lake, missed: Mapping[Key, Any], one: Soak) -> set[Key]:
    """Those of which a record that began in a stretch was not over in it: it may go on and be told later."""
    found: set[Key] = set()
    if not missed:
        return found
    for begin, end in _stretches(one):
        over: set[Key] = set()
        asked = keys_of(dict.fromkeys(missed))
        for row in rows_of(lake.flows_of(asked, begin, end, MOST, EACH).meant):
            if row["end"] < end:
                over |= set(_either_way(row))
        found |= set(missed) - over
    return found


def _either_way(row: Mapping[str, Any]) -> Iterator[Key]:
    """The connection of a raw record, whichever end the audit takes for the one that began."""
    src, dst = (tuple(row[f"{end}_{part}"] for part in ("realm", "hi", "lo")) for end in ("src", "dst"))
    yield (*src, *dst, row["protocol"], row["dst_port"])
    yield (*dst, *src, row["protocol"], row["src_port"])


def _blind(
    force: Force, hold: Hold, one: Soak, heard: Mapping[str, datetime], end: datetime
) -> Iterator[str]:
    """The pairs of places that a stage cuts and of which nobody recorded anything up to the end."""
    sites, sight = force.atlas.inventory.sites, Sight(force.atlas.inventory.sensors)
    for begin, far in sorted(set(_pairs(force, hold, one.gateways))):
        here, there = (name if name in sites else None for name in (begin, far))
        able = sight.able(here, there, here is None or there is None)
        if not able:
            yield f"{begin} <-> {far}: no sensor of sites.yaml sees what passes between them"
        elif all(heard.get(name, one.first) < end for name in able):
            yield f"{begin} <-> {far}: {', '.join(sorted(able))} recorded nothing up to the end"


def _pairs(force: Force, hold: Hold, gateways: Iterable[str]) -> Iterator[tuple[str, str]]:
    sites, places = force.atlas.inventory.sites, force.atlas.places
    for gateway in force.standing.gateways:
        if gateway.name not in gateways:
            continue
        for cut in hold.severed.cuts:
            for piece in force.standing.narrowed(gateway, cut):
                for begin in places(piece.near):
                    for end in places(piece.far):
                        if begin != end and (begin in sites or end in sites):
                            yield min(begin, end), max(begin, end)


def _minutes(span: timedelta) -> str:
    seconds = round(span.total_seconds())
    return f"{seconds // 60} minutes" if seconds >= 120 and seconds % 60 == 0 else f"{seconds} s"
