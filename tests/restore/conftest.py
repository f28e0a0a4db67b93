"""A stage of one link, of which everything is known and good."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from sekisho.audit.coverage import Coverage, Hours
from sekisho.audit.stretches import hour_of
from sekisho.inventory.files import parse_inventory
from sekisho.model.findings import Bytes, End, Finding, Onset
from sekisho.restore.base import Escaped, Fleet, Subject, Terminals
from sekisho.restore.rules import Demands

SINCE = datetime(2026, 3, 1, 6, tzinfo=UTC)
NOW = datetime(2026, 3, 5, 1, tzinfo=UTC)
SITES = b"""
sites:
  th: {owner: it-th, prefixes: [10.40.0.0/16]}
  jp: {owner: it-jp, prefixes: [10.1.0.0/16]}
  us: {prefixes: [10.60.0.0/16], must_run: {from: 2026-01-01, until: 2026-03-31}}
sensors:
  th-edge: {site: th, sees: [edge]}
  jp-edge: {site: jp, sees: [edge, internet]}
"""
PAIR = frozenset({"th", "jp"})
Make = Callable[..., Subject]
Found = Callable[..., Finding]


def hours(begin: datetime, end: datetime, **more: Any) -> Hours:
    """A stretch of one sensor, seen."""
    values = {"state": "seen", "flows": 9, "why": ""} | more
    return Hours(hour_of(begin), hour_of(end), **values)


@pytest.fixture
def subject() -> Make:
    """Make one; what is given replaces what is good. `rows` are hours by sensor."""

    def make(rows: dict[str, tuple[Hours, ...]] | None = None, **more: Any) -> Subject:
        whole = (hours(SINCE, NOW),)
        seen = {"th-edge": whole, "jp-edge": whole} | (rows or {})
        good = Subject(
            pairs=frozenset({PAIR}),
            since=SINCE,
            now=NOW,
            inventory=parse_inventory({"sites.yaml": SITES}),
            demands=Demands(3, 95.0),
            coverage=Coverage(seen, hour_of(SINCE), hour_of(NOW)),
            findings=(),
            escaped=Escaped(),
            fleet=Fleet({"th": Terminals(10), "jp": Terminals(20)}, "C-1"),
        )
        return replace(good, **more)

    return make


@pytest.fixture
def finding() -> Found:
    """A finding between the two sites, with what is given."""

    def make(**more: Any) -> Finding:
        values: dict[str, Any] = {
            "id": "F-0123456789ab",
            "verdict": "unauthorized",
            "severity": "high",
            "src": End(address="10.40.9.7", site="th"),
            "dst": End(address="10.1.9.9", site="jp"),
            "protocol": "tcp",
            "port": 445,
            "service": "smb",
            "first_seen": SINCE,
            "last_seen": SINCE,
            "days_active": 1,
            "flows": 1,
            "established": 1,
            "bytes_out": Bytes(low=1, high=1),
            "bytes_in": Bytes(low=1, high=1),
            "onset": Onset(at=SINCE, kind="observed"),
            "sensors": ("th-edge",),
            "seen_at": "both",
            "nearest_rule": None,
        }
        return Finding.model_validate(values | more)

    return make
