"""Tells of connections that escape a plan in force, in the round in which their records come.

Only what a plan cuts is put together, so that the rest costs a lookup of its addresses. What is known of such a
connection is kept until it was established: its halves may come in different files.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pyarrow as pa

from sekisho.audit.causes.words import name as name_of
from sekisho.audit.causes.words import plural
from sekisho.audit.evidence import KEYS, Key, key_of, rows_of
from sekisho.contain.escape_keys import alert_key, told_keys
from sekisho.contain.escaped import (
    Crossing,
    check_of,
    ends_of,
    probe_of,
    recorded_at,
    settle,
)
from sekisho.contain.force import Force, Hold
from sekisho.model.findings import rfc3339
from sekisho.model.verdicts import Rank
from sekisho.store.arrivals import COARSE, ENDS, Arrivals
from sekisho.store.base import microseconds
from sekisho.store.lake import Lake
from sekisho.watch.alerts import SHOWN_MEMBERS, Member
from sekisho.watch.base import Remark, Seen
from sekisho.watch.connections import Connection, fresh
from sekisho.watch.describing import Describer
from sekisho.watch.judging import judged, violating

MOST = 5_000
"""Connections that are remembered; of more the latest."""
AGAIN = timedelta(minutes=1)
"""So long a connection that may have been open before, or exempt, is not looked up again."""
_VERSION = "1"
_CODE = ("src_class", "dst_class", "protocol", "port")


@dataclass(frozen=True, slots=True)
class Enforcing:
    """What is in force at the moment. `wait` is what clocks are given after a gateway was told."""

    force: Force
    wait: timedelta


@dataclass(slots=True)
class _Told:
    """Of one plan since it was told: what escaped, and of how many connections that was told. `ours` says of
    the latest which probe asked for it, None where none did."""

    escaped: dict[str, Member] = field(default_factory=dict)
    count: int = 0
    told: int = 0
    ours: str | None = None


class Escapes:
    """An observer. `enforcing` gives what is in force, None for nothing; `describer` the register that judges;
    rows of arrivals do not reach over the times at which gateways were told, and `wait` after."""

    name = "escapes"

    def __init__(
        self, enforcing: Callable[[], Enforcing | None], describer: Callable[[], Describer]
    ) -> None:
        self._enforcing = enforcing
        self._describer = describer
        self._known: dict[tuple[str, Key], Connection] = {}
        self._told: dict[str, _Told] = {}
        self._asked: dict[tuple[str, Key], datetime] = {}

    def observe(self, seen: Seen, lake: Lake) -> Iterator[Remark]:
        """One remark for each plan when something escapes it, and again whenever it is twice as much."""
        now = self._enforcing()
        if now is None or not now.force.holds:
            self._known.clear()
            self._told.clear()
            return
        if seen.arrivals is None or not seen.rows.num_rows:
            return
        for about, hold, since in self._escaped(seen, seen.arrivals, lake, now):
            of = self._told[about]
            if of.count >= max(1, 2 * of.told):
                change = of.told > 0
                of.told = of.count
                yield _remark(about, hold, since, of, grown=change)

    def _escaped(
        self, seen: Seen, arrivals: Arrivals, lake: Lake, now: Enforcing
    ) -> Iterator[tuple[str, Hold, datetime]]:
        """Plans that something new escaped, once for each of a round."""
        coarse = _cut(seen.rows.select(COARSE.names), now)
        if not coarse.num_rows:
            return
        arrivals.confine(coarse.select(ENDS.names))
        table = _cut(arrivals.table, now)
        ports = {key_of(row): row for row in arrivals.ports(_distinct(table)).to_pylist()}
        touched: dict[tuple[str, Key], tuple[Hold, tuple[str, ...]]] = {}
        for row in rows_of(table):
            key = key_of(row)
            for hold, names in now.force.enforcing(*(row[name] for name in _CODE)):
                start = hold.since[names[0]] + now.wait
                if row["first"] < start:
                    continue
                where = hold.plan, key
                connection = self._known.get(where) or fresh(key, row)
                connection.absorb(row)
                self._known[where] = connection
                touched[where] = hold, names
        found: dict[str, tuple[Hold, datetime]] = {}
        for where, (hold, names) in touched.items():
            connection = self._known[where]
            if (half := ports.get(where[1])) is not None:
                connection.add_ports(half["sent"], half["answered"], half["clients"])
            crossing = self._settled(connection, hold, names, seen.at, lake, now)
            if crossing is not None:
                about = alert_key(hold.plan, min(hold.since.values()))
                if self._take(about, connection, crossing, now):
                    found[about] = hold, min(hold.since.values())
        while len(self._known) > MOST:
            self._known.pop(next(iter(self._known)))
        yield from ((about, hold, since) for about, (hold, since) in found.items())

    def _settled(
        self,
        connection: Connection,
        hold: Hold,
        names: tuple[str, ...],
        at: datetime,
        lake: Lake,
        now: Enforcing,
    ) -> Crossing | None:
        """What escaped, where it has: established, not drained, not exempt, and arrived."""
        if connection.rank != Rank.UNAUTHORIZED:
            return None
        key = connection.key
        src, dst = ends_of(key)
        answered = any(v[1] for piece in connection.pieces.values() for v in piece.views.values())
        answered = answered or any(view[1] for view in connection.past.values())
        if not answered and not recorded_at(
            now.force.atlas.inventory, dst, connection.sensors, connection.last
        ):
            return None
        crossing = Crossing(
            hold.plan,
            key,
            names,
            hold.since[names[0]],
            "escaped",
            connection.total()[0],
            connection.total()[1],
            connection.judged_at,
            connection.last,
            connection.sensors,
        )
        if hold.severed.drains(src, dst) or now.force.openings(src, dst, key[6], key[7]):
            where = hold.plan, key
            last = self._asked.get(where)
            if last is not None and at - last < AGAIN:
                return None
            self._asked[where] = at
            if len(self._asked) > MOST:
                self._asked.pop(next(iter(self._asked)))
            settled = settle(lake, now.force, hold, key, crossing.since + now.wait)
            if settled["came"] != "escaped":
                return None
        return crossing

    def _take(self, about: str, connection: Connection, crossing: Crossing, now: Enforcing) -> bool:
        """Whether it is new among what escaped."""
        of = self._told.setdefault(about, _Told())
        member = self._member(connection, crossing, now)
        if member.finding in of.escaped:
            of.escaped[member.finding] = member
            return False
        of.count += 1
        of.ours = probe_of(crossing, now.force.probes)
        if len(of.escaped) < MOST:
            of.escaped[member.finding] = member
        return True

    def _member(self, connection: Connection, crossing: Crossing, now: Enforcing) -> Member:
        """It as alerts show it, with the verdict of the register, which may permit what a plan cuts."""
        describer = self._describer()
        src, dst = ends_of(connection.key)
        protocol, port = connection.key[6:]
        verdict = describer.policy.verdict(src, dst, protocol, port, connection.judged_at).verdict
        update: dict[str, Any] = {"verdict": verdict, "severity": "critical", "nearest_rule": None}
        update["checks"] = (check_of(crossing, now.force.probes),)
        return describer.member(connection).model_copy(update=update)

    def begin(self, file: int) -> None:
        """What came before is the audit's."""

    def memory(self) -> bytes:
        """What is known of connections, and what was told."""
        values = {
            "version": _VERSION,
            "known": [[plan, one.to_json()] for (plan, _), one in self._known.items()],
            "told": {
                about: [
                    of.count,
                    of.told,
                    [member.model_dump_json(by_alias=True) for member in of.escaped.values()],
                ]
                for about, of in self._told.items()
            },
        }
        return json.dumps(values, separators=(",", ":")).encode()

    def remember(self, memory: bytes) -> None:
        """Take it up; of another version nothing is."""
        try:
            values = json.loads(memory)
        except ValueError:
            return
        if not isinstance(values, dict) or values.get("version") != _VERSION:
            return
        for plan, text in values["known"]:
            connection = Connection.from_json(text)
            self._known[plan, connection.key] = connection
        for about, (count, told, members) in values["told"].items():
            found = map(Member.model_validate_json, members)
            self._told[about] = _Told({one.finding: one for one in found}, count, told)


def _cut(rows: pa.Table, now: Enforcing) -> pa.Table:
    """Rows of arrivals that a plan cuts at a gateway that was told before, with the classes of their ends."""
    rows = violating(judged(rows, now.force))
    told: dict[tuple[int, ...], datetime | None] = {}
    keep: list[int] = []
    asked_for = zip(*(rows[name].to_pylist() for name in _CODE), strict=True)
    firsts = rows["first"].cast(pa.int64()).to_pylist()
    for place, (asked, first) in enumerate(zip(asked_for, firsts, strict=True)):
        if asked not in told:
            since = [hold.since[names[0]] for hold, names in now.force.enforcing(*asked)]
            told[asked] = min(since, default=None)
        at = told[asked]
        if at is not None and first >= microseconds(at + now.wait):
            keep.append(place)
    return rows.take(pa.array(keep, pa.int64()))


def _distinct(table: pa.Table) -> pa.Table:
    return table.select(list(KEYS)).group_by(list(KEYS)).aggregate([])


def _remark(about: str, hold: Hold, since: datetime, of: _Told, *, grown: bool) -> Remark:
    incident = hold.severed.restriction.incident
    members = tuple(of.escaped.values())[-SHOWN_MEMBERS:]
    latest = members[-1]
    ours = f" The latest was {of.ours}." if of.ours else ""
    line = f"{name_of(latest.src)} -> {name_of(latest.dst)} : {latest.service}"
    return Remark(
        key=told_keys(about, of.count)[-1],
        about=about,
        kind="contain",
        change="grown" if grown else "raised",
        severity="critical",
        title=f"{plural(of.count, 'connection')} escaped {hold.plan}: {line}",
        text=f"{hold.plan} cuts it at {', '.join(sorted(hold.since))} since {rfc3339(since)[:19]}Z, and it was"
        f" established after that.{ours} See `sekisho contain verify {hold.plan}`.",
        baseline="",
        members=members,
        connections=of.count,
        labels={"plan": hold.plan, "change": "escaped"} | ({"incident": incident} if incident else {}),
    )
