"""What crossed a severed link after it was cut: connections that began since, and were established.

What was tried and not answered is evidence that the cut works. Bytes one way count as established elsewhere;
here only where the far end recorded them too, since a sensor before the gateway sees what the gateway drops.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from sekisho.audit.evidence import KEYS, Key, key_of, rows_of
from sekisho.audit.marks import Judged, Mark, keys_of
from sekisho.contain.force import Force, Hold
from sekisho.contain.probing.known import Known
from sekisho.contain.severing import End
from sekisho.inventory.register import Inventory
from sekisho.model.addresses import address_of
from sekisho.model.findings import Check, rfc3339
from sekisho.model.flows import State
from sekisho.model.protocols import TCP
from sekisho.model.verdicts import FindingKind
from sekisho.store.lake import Lake

GRACE = timedelta(seconds=60)
"""What begins so soon after a gateway was told may have begun before, by another clock."""
MOST_GRACE = timedelta(hours=1)
"""A sensor whose clock is further off makes nobody wait longer."""
LOOK_BACK = timedelta(days=1)
"""A session that goes on has a record at least so often."""
MOST, EACH = 50_000, 2_000
"""Records of sessions that are read, in all and of one connection."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
Came = Literal["escaped", "dropped", "one_way", "draining", "exempt", "passing"]
"""`dropped` was tried and never answered; `one_way` sent what no sensor of the far end recorded or could deny;
`draining` are sessions that were open before, and may run out; `exempt` ones were let through for a while;
`passing` is what no gateway carries."""


@dataclass(frozen=True, slots=True)
class Crossing:
    """A connection that a plan cuts at gateways, of which there are flows since the first of these was told.

    Times are aware UTC, by the sensors' clocks; `since` is when it was told. `established` counts flows.
    """

    plan: str
    key: Key
    gateways: tuple[str, ...]
    since: datetime
    came: Came
    flows: int
    established: int
    first: datetime
    last: datetime
    sensors: tuple[str, ...] = ()


def grace_of(offsets: Mapping[str, float]) -> timedelta:
    """How long after a gateway was told nothing counts yet; `offsets` are seconds that clocks are ahead."""
    off = max((abs(one) for one in offsets.values()), default=0.0)
    return max(GRACE, min(timedelta(seconds=off), MOST_GRACE))


def crossings(
    lake: Lake,
    force: Force,
    *,
    begin: datetime | None = None,
    end: datetime | None = None,
    progress: Any = None,
) -> list[Crossing]:
    """What plans in force cut and sensors saw in [begin, end) all the same, the latest last."""
    wait = grace_of(lake.offsets())
    pruned = lake.pruned()
    found: list[Crossing] = []
    for done, since in enumerate(force.moments):
        if progress is not None:
            progress("escaped", done, len(force.moments))
        start = since + wait if begin is None else max(since + wait, begin)
        start = whole(start, pruned)
        if end is None or start < end:
            found += _since(lake, force, since, start, end)
    return sorted(found, key=lambda one: (one.first, one.plan, str(one.key)))


def whole(start: datetime, pruned: Container[int]) -> datetime:
    """The next midnight where the raw flows of a day are gone: its roll-up tells no hours, and what was
    before in it has not escaped."""
    day = (start - _EPOCH) // timedelta(days=1)
    midnight = _EPOCH + timedelta(days=day)
    return start if day not in pruned or start == midnight else midnight + timedelta(days=1)


def _since(
    lake: Lake, force: Force, since: datetime, start: datetime, end: datetime | None
) -> Iterator[Crossing]:
    """Of connections whose first gateway was told at that time."""
    with lake.stage(start, end) as stage:
        violations = stage.judge(force).violations
        views: dict[Key, list[dict[str, Any]]] = defaultdict(list)
        for row in rows_of(stage.views(violations.select(KEYS))):
            views[key_of(row)].append(row)
    for row in rows_of(violations):
        asked = row["src_class"], row["dst_class"], row["protocol"], row["port"]
        for hold, names in force.enforcing(*asked):
            if hold.since[names[0]] == since:
                yield _told(lake, force, hold, names, row, views[key_of(row)], start)


def passing(lake: Lake, force: Force, start: datetime) -> list[Crossing]:
    """What plans cut and was established since `start` where no gateway that holds them stands."""
    start = whole(start, lake.pruned())
    with lake.stage(start, None) as stage:
        rows = rows_of(stage.judge(force).violations)
    return [
        Crossing(
            hold.plan,
            key_of(row),
            (),
            start,
            "passing",
            row["flows"],
            row["established"],
            row["first_established"] or row["first_seen"],
            row["last_seen"],
        )
        for row in rows
        if row["established"]
        for hold in force.holds
        for asked in ((row["src_class"], row["dst_class"]),)
        if hold.cutting.cut(*asked, row["protocol"], row["port"]) and not hold.gateways(*asked)
    ]


def _told(
    lake: Lake,
    force: Force,
    hold: Hold,
    names: tuple[str, ...],
    row: Mapping[str, Any],
    views: Sequence[Mapping[str, Any]],
    start: datetime,
) -> Crossing:
    key = key_of(row)
    one = Crossing(
        hold.plan,
        key,
        names,
        hold.since[names[0]],
        "dropped",
        row["flows"],
        row["established"],
        row["first_established"] or row["first_seen"],
        row["last_seen"],
        tuple(sorted({view["sensor"] for view in views})),
    )
    if not row["established"]:
        return one
    _, dst = ends_of(key)
    if not any(view["established"] for view in views):
        arrived = recorded_at(force.atlas.inventory, dst, one.sensors, one.first)
        return replace(one, came="escaped" if arrived else "one_way")
    return replace(one, **settle(lake, force, hold, key, start))


def settle(lake: Lake, force: Force, hold: Hold, key: Key, start: datetime) -> dict[str, Any]:
    """What came of a connection that was answered after `start`, and how many times where that is not all:
    sessions may have been open before, or exempt."""
    src, dst = ends_of(key)
    drains, open_ = hold.severed.drains(src, dst), force.openings(src, dst, key[6], key[7])
    if not drains and not open_:
        return {"came": "escaped"}
    began = sessions(lake, key, start)
    left = [at for at in began if at >= start] if drains else began
    new = [at for at in left if not any(one.begin <= at < one.end + GRACE for one in open_)]
    if new:
        return {"came": "escaped", "established": len(new), "first": max(min(new), start)}
    return {"came": "draining" if not left else "exempt"}


def ends_of(key: Key) -> tuple[End, End]:
    """Both ends of a connection."""
    return (key[0], address_of(key[1], key[2])), (key[3], address_of(key[4], key[5]))


def recorded_at(inventory: Inventory, dst: End, sensors: Iterable[str], at: datetime) -> bool:
    """Whether a sensor of an end's own site is among some: what it recorded has come there."""
    site = inventory.place(*dst, at).site
    return site is not None and any(
        inventory.sensors[name].site == site for name in sensors if name in inventory.sensors
    )


def sessions(lake: Lake, key: Key, start: datetime) -> list[datetime]:
    """When each session of a connection began that was answered after `start`, as far as a day before tells:
    sensors that write long sessions down in parts make each part look as if it began then."""
    found = lake.flows_of(keys_of({key: None}), start - LOOK_BACK, None, MOST, EACH)
    first: dict[Any, datetime] = {}
    answered: set[Any] = set()
    sent: dict[Any, set[Any]] = defaultdict(set)
    for row in rows_of(found.meant):
        here = row["src_realm"], row["src_hi"], row["src_lo"], row["src_port"]
        there = row["dst_realm"], row["dst_hi"], row["dst_lo"], row["dst_port"]
        session = min(here, there), max(here, there)
        first[session] = min(row["start"], first.get(session, row["start"]))
        if row["start"] < start:
            continue
        if row["state"] == State.ESTABLISHED:
            answered.add(session)
        elif row["state"] == State.UNKNOWN:
            # One way or both: who sent anything.
            sent[session] |= {here} if row["bytes_out"] else set()
            sent[session] |= {there} if row["bytes_in"] else set()
    answered |= {session for session, ends in sent.items() if len(ends) == 2}
    return sorted(first[session] for session in answered)


class EscapedMarker:
    """Marks of connections that escaped a plan in force: `escaped`."""

    kind: FindingKind = "escaped"

    def __init__(self, force: Force) -> None:
        self._force = force

    def marks(self, judged: Judged) -> Iterable[Mark]:
        """One for each connection and plan."""
        for one in crossings(judged.lake, self._force, begin=judged.begin, end=judged.end):
            if one.came == "escaped":
                check = check_of(one, self._force.probes)
                yield Mark(one.key, "escaped", "critical", check, one.first, one.last)


def check_of(one: Crossing, probes: Known | None = None) -> Check:
    """Why it is said to have escaped, and which probe of ours asked for it, where one did."""
    ours = probe_of(one, probes) if probes else None
    times = "once" if one.established == 1 else f"{one.established} times"
    return Check(
        id="escaped",
        text=f"{one.plan} cuts it at {', '.join(one.gateways)} since {rfc3339(one.since)[:19]}Z, and it was"
        f" established {times} after that, first at {rfc3339(one.first)[:19]}Z"
        + (f"; {ours}" if ours else ""),
    )


def probe_of(one: Crossing, probes: Known) -> str | None:
    """Which probe of ours asked for it, in words; None for none."""
    (_, src), (_, dst) = ends_of(one.key)
    if one.key[6] != TCP:
        return None
    return probes.of(str(src), str(dst), one.key[7], one.first, one.last)
