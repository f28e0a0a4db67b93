"""Tells of servers that had only answered and begin to initiate, as it happens: see `audit.changes.initiates`.

A host is asked about once: whoever initiated before can never begin to. History is read from the roll-ups as
they are, of all who are new together, and only of those whom others asked long enough ago.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sekisho.audit.automation.candidates import ordinary
from sekisho.audit.automation.ends import ends
from sekisho.audit.causes.words import plural
from sekisho.audit.changes import initiates
from sekisho.audit.evidence import KEYS
from sekisho.model.addresses import text_of
from sekisho.model.services import service_label
from sekisho.model.verdicts import Rank
from sekisho.store.lake import Lake
from sekisho.watch.base import Remark, Seen
from sekisho.watch.describing import Describer
from sekisho.watch.hashing import Hashing, Names, among
from sekisho.watch.keeping import pack, unpack
from sekisho.watch.pacing import Pace

HOSTS = 1_000_000
"""Hosts of which it is known that they initiate; when there are more, all are asked about again."""
MOST = 100_000
"""Connections of hosts that wait to be asked about, one each."""
LIMIT = 200_000
"""Connections of the past that are looked at in a round."""
_SOURCE = ("src_realm", "src_hi", "src_lo")
_END = ("realm", "hi", "lo")
_WAITING = pa.schema(
    [
        ("src_realm", pa.string()),
        ("src_hi", pa.int64()),
        ("src_lo", pa.int64()),
        ("dst_realm", pa.string()),
        ("dst_hi", pa.int64()),
        ("dst_lo", pa.int64()),
        ("protocol", pa.int16()),
        ("port", pa.int32()),
        ("first", pa.timestamp("us")),
    ]
)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_VERSION = "1"
DAY = 86_400_000_000
"""Microseconds."""


class Initiators:
    """An observer. `describer` gives the register that judges at the moment, `steady` seconds that pass."""

    name = "initiates"

    def __init__(
        self,
        describer: Callable[[], Describer],
        steady: Callable[[], float] = time.monotonic,
        most: int = MOST,
    ) -> None:
        self._describer = describer
        self._pace = Pace(steady)
        self._most = most
        self._hashing = Hashing()
        self._settled: Names = np.zeros(0, dtype=np.uint64)
        self._waiting: pa.Table = _WAITING.empty_table()
        self._missed = False

    def observe(self, seen: Seen, lake: Lake) -> Iterator[Remark]:
        """One remark for each host, at its first permitted connection to another site."""
        self._wait(seen.rows)
        urgent = self._waiting.num_rows > self._most // 2
        if self._waiting.num_rows and self._pace.ready(urgent=urgent):
            waiting, self._waiting = self._waiting, _WAITING.empty_table()
            with self._pace.asking():
                yield from self._turned(waiting, seen.at, lake)
        if self._missed:
            self._missed = False
            yield _full(self._most, seen.at)

    def _wait(self, rows: pa.Table) -> None:
        """Keep the first connection of each host that is not settled; it is settled with this."""
        permitted = pc.equal(rows["decided"], pa.scalar(int(Rank.AUTHORIZED), pa.int8()))
        rows = rows.filter(pc.and_(permitted, pc.invert(rows["guessed"])))
        if not rows.num_rows:
            return
        protocol, port = (rows[name].to_numpy().astype(np.int64) for name in ("protocol", "port"))
        rows = rows.filter(pa.array(~ordinary(protocol, port)))
        names = self._hashing.names(rows, _SOURCE)
        order = np.lexsort((rows["first"].cast(pa.int64()).to_numpy(), names))
        each = order[
            np.flatnonzero(np.append(True, names[order][1:] != names[order][:-1])[: len(order)])
        ]
        new = each[~among(names[each], self._settled)[0]]
        if len(new) > (room := self._most - self._waiting.num_rows):
            # They are not settled: they are asked about when they come again.
            self._missed, new = True, new[:room]
        if not len(new):
            return
        first = rows.select(_WAITING.names).take(pa.array(new)).cast(_WAITING)
        self._waiting = pa.concat_tables([self._waiting, first]).combine_chunks()
        self._settle(names[new])

    def _settle(self, names: Names) -> None:
        if len(self._settled) + len(names) > HOSTS:
            self._settled = self._settled[:0]
        names = np.sort(names)
        self._settled = np.insert(self._settled, np.searchsorted(self._settled, names), names)

    def _turned(self, waiting: pa.Table, at: datetime, lake: Lake) -> Iterator[Remark]:
        """Of hosts that were asked by others for long, those that never asked anybody of another site."""
        since = waiting["first"].cast(pa.int64()).to_numpy()
        found = lake.responders(_sources(waiting))
        long_ago = int(since.max()) - initiates.ANSWERED
        answered = found["first"].cast(pa.timestamp("us")).cast(pa.int64())
        servers = found.filter(pc.less_equal(answered, long_ago)).select(_END)
        if not servers.num_rows:
            return
        known = lake.touching(servers, LIMIT, fresh=False)
        if known.num_rows >= LIMIT:
            # Of those left out nobody could say that they had only answered.
            return
        mine = self._hashing.names(servers.rename_columns(list(_SOURCE)), _SOURCE)
        theirs = self._hashing.names(waiting, _SOURCE)
        now = waiting.filter(pa.array(among(theirs, np.sort(mine))[0]))
        before = known.select(_WAITING.names).cast(_WAITING)
        both = pa.concat_tables([before, now]).combine_chunks()
        yield from self._remarks(both, int(since.min()), at, lake)

    def _remarks(self, table: Any, since: int, at: datetime, lake: Lake) -> Iterator[Remark]:
        # A roll-up of today may know what was begun today already, some minutes earlier.
        midnight = since - since % DAY
        found, first = self._of(table, midnight, at)
        if found:
            # Where roll-ups are behind they do not know what these hosts began since.
            asked = _sources(table.take(pa.array([one.place for one in found])))
            late = lake.begun_since(asked, midnight // DAY)
            if late is None:
                yield _behind(at)
                return
            if late.num_rows:
                table = pa.concat_tables([table, late.select(_WAITING.names).cast(_WAITING)])
                table = table.combine_chunks()
                found, first = self._of(table, midnight, at)
        for one in found:
            key = tuple(table[name][one.place].as_py() for name in KEYS)
            began, before = (
                _EPOCH + timedelta(microseconds=t) for t in (int(first[one.place]), one.answered_since)
            )
            src, dst = text_of(key[1], key[2]), text_of(key[4], key[5])
            service = service_label(key[6], key[7])
            yield Remark(
                key=f"changed|{initiates.ID}|{key[0]}|{src}",
                severity="low",
                title=f"{src} -> {dst} {service}: a server begins to initiate",
                text=f"{src} had only answered since {before:%Y-%m-%d} and began to initiate on"
                f" {began:%Y-%m-%d %H:%M} UTC",
                baseline=f"answered {plural(one.clients, 'client')} of other sites or outside for"
                f" {(began - before).days} days",
                labels={"src": src, "dst": dst, "service": service, "change": initiates.ID},
            )

    def _of(self, table: Any, midnight: int, at: datetime) -> tuple[list[initiates.Turned], Any]:
        """Hosts that turned since midnight, and when each connection was first seen, microseconds."""
        hosts = ends(table, self._describer().policy, at)
        crossing = hosts.site[hosts.src] != hosts.site[hosts.dst]
        protocol, port = (table[name].to_numpy().astype(np.int64) for name in ("protocol", "port"))
        first = table["first"].cast(pa.int64()).to_numpy()
        return initiates.turned(hosts, first, crossing, ordinary(protocol, port), midnight), first

    def begin(self, file: int) -> None:
        """History is asked for when a host is; nothing is to be taken up."""

    def memory(self) -> bytes:
        """What waits to be asked about."""
        return pack(_VERSION, {}, waiting=self._waiting)

    def remember(self, memory: bytes) -> None:
        """Ask about it; of another version nothing is taken up."""
        found = unpack(_VERSION, memory, "waiting")
        if found is None:
            return
        self._waiting = found.tables["waiting"].slice(0, self._most).cast(_WAITING)
        if self._waiting.num_rows:
            self._settle(self._hashing.names(self._waiting, _SOURCE))


def _sources(rows: pa.Table) -> pa.Table:
    return rows.select(_SOURCE).rename_columns(list(_END))


def _behind(at: datetime) -> Remark:
    return Remark(
        key=f"changed|{initiates.ID}|behind|{at.date()}",
        severity="info",
        title="roll-ups are too far behind to tell who begins to initiate",
        text="A host that seems to begin to initiate is not told of: more than a month of days is not rolled"
        " up. Run `sekisho audit` or `sekisho ingest`; the audit tells of it.",
        baseline="",
        labels={"change": "behind"},
    )


def _full(most: int, at: datetime) -> Remark:
    return Remark(
        key=f"changed|{initiates.ID}|full|{at.date()}",
        severity="info",
        title="more hosts begin connections than the watch looks up",
        text=f"On {at.date()} more than {plural(most, 'host')} waited at a time to be looked up. Those left"
        " out are looked up when they come again.",
        baseline="",
        labels={"change": "full"},
    )
