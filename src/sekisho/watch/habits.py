"""Tells of permitted connections that begin to behave otherwise, as they come.

Today's volume and hours are counted from arrivals (see `usage`). What was usual is read from the roll-ups of
the days before, as they are: nothing is rolled up here. One question tells of all connections that are new
today which of them have habits, and what would be unlike these; only where that comes about are the days
themselves read, and the audit's own changes decide.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.compute as pc

from sekisho.audit.baseline import LEAST, MOST, Day, baseline
from sekisho.audit.causes.words import plural
from sekisho.audit.changes import hours, volume
from sekisho.audit.departures import CHANGES
from sekisho.audit.evidence import Key, key_of
from sekisho.model import protocols
from sekisho.model.addresses import address_of
from sekisho.model.findings import finding_id
from sekisho.model.services import service_label
from sekisho.model.verdicts import Rank
from sekisho.store.lake import Lake
from sekisho.watch.base import Remark, Seen
from sekisho.watch.describing import Describer
from sekisho.watch.judging import judged
from sekisho.watch.keeping import pack, unpack
from sekisho.watch.pacing import Pace
from sekisho.watch.usage import MOST as HELD
from sekisho.watch.usage import Usage

ROUND = 500
"""Connections whose days are read at once."""
AHEAD = timedelta(hours=1)
"""How far a sensor's clock may be ahead before what it says is no news of today."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_VERSION = "2"


class Habits:
    """An observer. `describer` gives the register that judges at the moment, `steady` seconds that pass."""

    name = "changed"

    def __init__(
        self,
        describer: Callable[[], Describer],
        steady: Callable[[], float] = time.monotonic,
        most: int = HELD,
    ) -> None:
        self._describer = describer
        self._pace = Pace(steady)
        self._most = most
        self._day = self._full_on = self._before = 0
        self._usage = Usage(most)

    def observe(self, seen: Seen, lake: Lake) -> Iterator[Remark]:
        """One remark for each change of a connection and day; late flows of other days tell nothing."""
        rows = self._of_interest(seen)
        if rows.num_rows:
            day = pc.max(rows["day"]).as_py()
            if day > self._day:
                yield from self._finish(lake)
                self._day, self._usage = day, Usage(self._most)
                self._usage.add(self._held(seen, lake))
            self._usage.add(rows.filter(pc.equal(rows["day"], self._day)))
        if self._pace.ready(urgent=len(self._usage) > self._most // 2):
            yield from self._look(lake)
        if self._usage.missed and self._full_on != self._day:
            self._full_on = self._day
            yield self._full()

    @staticmethod
    def _of_interest(seen: Seen) -> pa.Table:
        latest = pa.scalar((seen.at + AHEAD).replace(tzinfo=None), pa.timestamp("us"))
        rows = seen.rows
        timely = pc.less_equal(rows["first"].cast(pa.timestamp("us")), latest)
        permitted = pc.equal(rows["decided"], pa.scalar(int(Rank.AUTHORIZED), pa.int8()))
        return rows.filter(pc.and_(permitted, timely))

    def _held(self, seen: Seen, lake: Lake) -> pa.Table:
        """What the day had before this began to be shown what comes."""
        describer = self._describer()
        policy = describer.policy
        found = lake.arrivals(
            0, policy.cuts, sys.maxsize, self._before, traits=describer.traits, day=self._day
        )
        if found is None:
            return seen.rows.slice(0, 0)
        with found:
            rows = self._of_interest(Seen(judged(found.coarse, policy), seen.at))
            return rows.filter(pc.equal(rows["day"], self._day))

    def _finish(self, lake: Lake) -> Iterator[Remark]:
        """Look at everything of a day that is over."""
        while len(self._usage.pending()) or len(self._usage.due()):
            yield from self._look(lake)

    def _look(self, lake: Lake) -> Iterator[Remark]:
        """Ask for habits that are not known, and look at connections that seem to have left theirs."""
        usage = self._usage
        asked = usage.pending()
        if len(asked):
            with self._pace.asking():
                found = lake.uses.usual(
                    usage.keys.take(pa.array(asked)),
                    least=LEAST,
                    most=MOST,
                    floor=volume.FLOOR,
                    highest=volume.HIGHEST,
                    times=volume.TIMES,
                    habit=hours.MOST,
                    before=self._day,
                )
            number, usual, strange = (
                found[name].to_numpy().astype("int64") for name in found.column_names
            )
            usage.settle(asked, asked[number], usual, strange)
        due = usage.due()[:ROUND]
        if not len(due):
            return
        keys = usage.keys.take(pa.array(due))
        today = [Day(self._day, bytes_, 0, used) for bytes_, used in usage.day(due)]
        with self._pace.asking():
            found = lake.uses.habits(keys, before=_EPOCH + timedelta(days=self._day), fresh=False)
        series: dict[int, list[Day]] = {}
        for row in found.to_pylist():
            one = Day(row["day"], row["volume"], row["flows"], row["hours"])
            series.setdefault(row["number"], []).append(one)
        usage.looked(due)
        for number, (row, now) in enumerate(zip(keys.to_pylist(), today, strict=True)):
            yield from self._remarks(key_of(row), now, series.get(number, []))

    def _remarks(self, key: Key, now: Day, before: list[Day]) -> Iterator[Remark]:
        inventory = self._describer().inventory
        at = _EPOCH + timedelta(days=self._day)
        src, dst = address_of(key[1], key[2]), address_of(key[4], key[5])
        site = inventory.place(key[0], src, at).site
        zone = ZoneInfo(inventory.sites[site].timezone) if site else UTC
        usual = baseline(before[-MOST:], self._day, zone)
        if usual is None:
            return
        protocol = protocols.name(key[6])
        service = service_label(key[6], key[7])
        for change in CHANGES:
            text = change.seen(now, usual)
            if text is None:
                continue
            finding = finding_id(str(src), str(dst), protocol, key[7], key[0], key[3])
            yield Remark(
                key=f"changed|{change.id}|{finding}|{now.date}",
                severity="low",
                title=f"{src} -> {dst} {service}: unusual {change.id}",
                text=text,
                baseline=usual.text,
                labels={"src": str(src), "dst": str(dst), "service": service, "change": change.id},
            )

    def _full(self) -> Remark:
        date = (_EPOCH + timedelta(days=self._day)).date()
        return Remark(
            key=f"changed|full|{date}",
            severity="info",
            title="more permitted connections than the watch compares with their habits",
            text=f"On {date} there were more than {plural(self._most, 'new connection')} at a time;"
            f" {self._usage.missed} and more were not compared. The audit compares all.",
            baseline="",
            labels={"change": "full"},
        )

    def begin(self, file: int) -> None:
        """The day in which it begins had flows before, in files up to that one: they are read with the first
        that comes."""
        self._before = file

    def memory(self) -> bytes:
        """The day, and how connections were used on it."""
        held, views = self._usage.tables()
        facts = {"day": self._day, "missed": self._usage.missed, "before": self._before}
        return pack(_VERSION, {name: str(fact) for name, fact in facts.items()}, held=held, views=views)

    def remember(self, memory: bytes) -> None:
        """Go on with the day; of another version nothing is taken up."""
        found = unpack(_VERSION, memory, "held", "views")
        if found is None:
            return
        usage = Usage(self._most)
        try:
            usage.restore(found.tables["held"], found.tables["views"])
        except ValueError:
            # The day begins anew, as without a memory; the register and the verdicts do not depend on it.
            return
        usage.missed = int(found.facts["missed"])
        self._day, self._usage = int(found.facts["day"]), usage
        self._before = int(found.facts["before"])
