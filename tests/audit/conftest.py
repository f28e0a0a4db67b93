"""Findings and coverage to test with, made by hand."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest

from sekisho.app.register import read_register
from sekisho.app.wiring import open_lake, traits_of
from sekisho.app.workspace import Workspace
from sekisho.audit.run import audit
from sekisho.inventory.register import Inventory
from sekisho.model.findings import AuditDocument, Bytes, End, Finding, Onset, finding_id
from sekisho.policy.compile import CompiledPolicy
from sekisho.store.lake import Lake

START = datetime(2024, 3, 1, tzinfo=UTC)


@pytest.fixture
def make_finding() -> Callable[..., Finding]:
    """A finding with everything defaulted; `src` and `dst` as address or as a dict of an End."""

    def make(src: Any = "10.1.0.1", dst: Any = "10.2.0.1", port: int = 445, **changes: Any) -> Finding:
        src = {"address": src, "site": "jp"} if isinstance(src, str) else src
        dst = {"address": dst, "site": "th"} if isinstance(dst, str) else dst
        first = changes.pop("first_seen", START)
        protocol = changes.pop("protocol", "tcp")
        values: dict[str, Any] = {
            "id": finding_id(src["address"], dst["address"], protocol, port),
            "verdict": "unauthorized",
            "severity": "medium",
            "src": End(**src),
            "dst": End(**dst),
            "protocol": protocol,
            "port": port,
            "service": f"{protocol}/{port}",
            "first_seen": first,
            "last_seen": first + timedelta(days=30),
            "days_active": 1,
            "flows": 3,
            "established": 3,
            "bytes_out": Bytes(low=100, high=100),
            "bytes_in": Bytes(low=100, high=100),
            "onset": Onset(at=first, kind="observed"),
            "sensors": ("a",),
            "seen_at": "single",
            "nearest_rule": None,
        }
        return Finding(**(values | changes))

    return make


@pytest.fixture
def make_hours() -> Callable[[dict[str, list[int]]], Any]:
    """The store's table of hours from {sensor: hours after START}; one flow an hour."""

    def make(hours: dict[str, list[int]]) -> Any:
        rows = [(name, START + timedelta(hours=h)) for name, found in hours.items() for h in found]
        return pa.table(
            {
                "sensor": pa.array([name for name, _ in rows], pa.string()),
                "hour": pa.array([at for _, at in rows], pa.timestamp("us", "UTC")),
                "flows": pa.array([1] * len(rows), pa.int64()),
            }
        )

    return make


@pytest.fixture
def make_spans() -> Callable[[dict[str, list[tuple[float, float]]]], Any]:
    """The store's table of spans from {sensor: (begin, end) in hours after START}."""

    def make(spans: dict[str, list[tuple[float, float]]]) -> Any:
        rows = [(name, *span) for name, found in spans.items() for span in found]
        times = pa.timestamp("us", "UTC")
        return pa.table(
            {
                "sensor": pa.array([name for name, _, _ in rows], pa.string()),
                "begin": pa.array([START + timedelta(hours=b) for _, b, _ in rows], times),
                "end": pa.array([START + timedelta(hours=e) for _, _, e in rows], times),
            }
        )

    return make


@pytest.fixture(scope="module")
def lake(read_company: Workspace) -> Iterator[Lake]:
    """306 flows of six days of June 2020 at two sensors; nothing may be added."""
    with open_lake(read_company) as opened:
        opened.refresh(traits_of(read_register(read_company)[0]))
        yield opened


@pytest.fixture(scope="session")
def inventory(read_company: Workspace) -> Inventory:
    """Three sites."""
    return read_register(read_company)[0]


@pytest.fixture(scope="session")
def compiled(read_company: Workspace) -> CompiledPolicy:
    """Two rules, one of which expired on 2 June 2020."""
    inventory, policy = read_register(read_company)
    return CompiledPolicy(policy, inventory)


@pytest.fixture(scope="module")
def audited(lake: Lake, inventory: Inventory, compiled: CompiledPolicy) -> AuditDocument:
    """All of it, judged."""
    now = datetime(2020, 6, 8, tzinfo=UTC)
    return audit(lake, inventory, compiled, begin=None, end=None, now=now)
