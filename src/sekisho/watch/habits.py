"""Tells of permitted connections that begin to behave otherwise, as they come.

Today's volume and hours are summed up from arrivals; what was usual is read from the roll-ups of the days
before, as they are: nothing is rolled up here. Each round looks at a bounded number of connections, those
with the most bytes first; the others come next. Servers that begin to initiate are left to the audit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.compute as pc

from sekisho.audit.baseline import LEAST, MOST, Day, baseline
from sekisho.audit.changes.volume import FLOOR
from sekisho.audit.departures import CHANGES
from sekisho.audit.evidence import KEYS, Key
from sekisho.model import protocols
from sekisho.model.addresses import address_of
from sekisho.model.findings import finding_id
from sekisho.model.services import service_label
from sekisho.model.verdicts import Rank
from sekisho.store.shapes import CONNECTIONS
from sekisho.watch.base import Remark
from sekisho.watch.describing import Describer

ROUND = 500
"""Connections that one round looks at anew."""
KNOWN = 200_000
"""Connections whose days are remembered until the day ends, or until there are so many."""
_HOUR = 3_600_000_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TODAY = pa.schema(
    [
        *CONNECTIONS,
        ("sensor", pa.string()),
        ("volume", pa.int64()),
        ("flows", pa.int64()),
        ("hour", pa.int64()),
    ]
)
_SEEN = pa.schema([*CONNECTIONS, ("hour", pa.int64()), ("large", pa.bool_())])


class Habits:
    """An observer. `describer` gives the register that judges at the moment."""

    name = "changed"

    def __init__(self, describer: Callable[[], Describer]) -> None:
        self._describer = describer
        self._day = 0
        self._today = _TODAY.empty_table()
        self._seen = _SEEN.empty_table()
        self._before: dict[Key, list[Day]] = {}
        self._told: set[tuple[Key, str]] = set()

    def observe(self, arrivals: Any, lake: Any) -> Iterator[Remark]:
        """One remark for each change of a connection and day; late flows of other days tell nothing."""
        if not arrivals.num_rows:
            return
        day = pc.max(arrivals["day"]).as_py()
        if day > self._day:
            self._day = day
            self._today, self._seen = _TODAY.empty_table(), _SEEN.empty_table()
            self._before, self._told = {}, set()
        self._add(arrivals.filter(pc.equal(arrivals["day"], self._day)))
        fresh = self._fresh()
        keys = list(dict.fromkeys(tuple(row[name] for name in KEYS) for row in fresh.to_pylist()))
        self._learn([key for key in keys if key not in self._before], lake)
        for key, now in self._as_they_stand(keys):
            yield from self._remarks(key, now)

    def _add(self, rows: Any) -> None:
        hour = pc.divide(rows["first"].cast(pa.int64()), _HOUR)
        volume = pc.add(rows["bytes_out"], rows["bytes_in"])
        columns = [*(rows[name] for name in (*KEYS, "sensor")), volume, rows["flows"], hour]
        new = pa.table(columns, names=_TODAY.names).cast(_TODAY)
        both = pa.concat_tables([self._today, new])
        summed = both.group_by([*KEYS, "sensor", "hour"]).aggregate(
            [("volume", "sum"), ("flows", "sum")]
        )
        summed = summed.rename_columns([name.removesuffix("_sum") for name in summed.column_names])
        self._today = summed.select(_TODAY.names).cast(_TODAY)

    def _fresh(self) -> Any:
        """Connections with an hour, or a large volume, that was not looked at yet; it counts as seen."""
        of_sensor = self._today.group_by([*KEYS, "sensor"]).aggregate([("volume", "sum")])
        most = of_sensor.group_by(list(KEYS)).aggregate([("volume_sum", "max")])
        hours = self._today.group_by([*KEYS, "hour"]).aggregate([])
        rows = hours.join(most, list(KEYS))
        rows = rows.append_column("large", pc.greater_equal(rows["volume_sum_max"], FLOOR))
        rows = rows.sort_by([("volume_sum_max", "descending")])
        fresh = rows.join(self._seen, list(_SEEN.names), join_type="left anti")
        fresh = fresh.sort_by([("volume_sum_max", "descending")]).slice(0, ROUND)
        self._seen = pa.concat_tables([self._seen, fresh.select(_SEEN.names).cast(_SEEN)])
        return fresh

    def _learn(self, keys: list[Key], lake: Any) -> None:
        """What was usual of those that the register permits; of the others nothing, they are violations."""
        if len(self._before) + len(keys) > KNOWN:
            self._before = {}
        policy = self._describer().policy
        at = _EPOCH + timedelta(days=self._day)
        permitted = []
        for key in keys:
            self._before[key] = []
            src, dst = (key[0], address_of(key[1], key[2])), (key[3], address_of(key[4], key[5]))
            if policy.verdict(src, dst, key[6], key[7], at) == Rank.AUTHORIZED:
                permitted.append(key)
        if not permitted:
            return
        columns = dict(zip(KEYS, map(list, zip(*permitted, strict=True)), strict=True))
        asked = pa.table(columns, schema=CONNECTIONS)
        for row in lake.habits(asked, before=at, fresh=False).to_pylist():
            one = Day(row["day"], row["volume"], row["flows"], row["hours"])
            self._before[permitted[row["number"]]].append(one)

    def _as_they_stand(self, keys: list[Key]) -> Iterator[tuple[Key, Day]]:
        usable = [key for key in keys if len(self._before[key]) >= LEAST]
        if not usable:
            return
        columns = dict(zip(KEYS, map(list, zip(*usable, strict=True)), strict=True))
        rows = self._today.join(
            pa.table(columns, schema=CONNECTIONS), list(KEYS), join_type="left semi"
        )
        volume: dict[Key, dict[str, int]] = {}
        flows: dict[Key, int] = {}
        hours: dict[Key, int] = {}
        for row in rows.to_pylist():
            key = tuple(row[name] for name in KEYS)
            of = volume.setdefault(key, {})
            of[row["sensor"]] = of.get(row["sensor"], 0) + row["volume"]
            flows[key] = flows.get(key, 0) + row["flows"]
            hours[key] = hours.get(key, 0) | 1 << row["hour"] % 24
        for key, of in volume.items():
            # Several sensors may have seen the same flows.
            yield key, Day(self._day, max(of.values()), flows[key], hours[key])

    def _remarks(self, key: Key, now: Day) -> Iterator[Remark]:
        inventory = self._describer().inventory
        at = _EPOCH + timedelta(days=self._day)
        src, dst = address_of(key[1], key[2]), address_of(key[4], key[5])
        site = inventory.place(key[0], src, at).site
        zone = ZoneInfo(inventory.sites[site].timezone) if site else UTC
        usual = baseline(self._before[key][-MOST:], self._day, zone)
        if usual is None:
            return
        protocol = protocols.name(key[6])
        service = service_label(key[6], key[7])
        for change in CHANGES:
            text = change.seen(now, usual)
            if text is None or (key, change.id) in self._told:
                continue
            self._told.add((key, change.id))
            finding = finding_id(str(src), str(dst), protocol, key[7], key[0], key[3])
            yield Remark(
                key=f"changed|{change.id}|{finding}|{now.date}",
                severity="low",
                title=f"{src} -> {dst} {service}: unusual {change.id}",
                text=text,
                baseline=usual.text,
                labels={"src": str(src), "dst": str(dst), "service": service, "change": change.id},
            )
