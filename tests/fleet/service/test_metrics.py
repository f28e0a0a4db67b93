from __future__ import annotations

from datetime import timedelta

from prometheus_client import generate_latest
from tests.fleet.service.conftest import Clerk

from sekisho.fleet.service.metrics import ServiceMetrics
from sekisho.model.nodes import REFUSALS, Letter


def read(clerk: Clerk) -> dict[str, float]:
    metrics = ServiceMetrics(clerk.store, 15, now=lambda: clerk.now)
    lines = generate_latest(metrics.registry).decode().splitlines()
    pairs = (line.rsplit(" ", 1) for line in lines if not line.startswith("#"))
    return {name: float(value) for name, value in pairs}


def test_what_happened_is_counted_and_nothing_is_named_by_a_terminal(clerk: Clerk) -> None:
    key = clerk.enrol('pc1"} 1\nevil{x="')
    clerk.read(key)
    clerk.read("no key")
    with clerk.store.batch() as batch:
        batch.post([Letter(1, "status", "x", b"")], clerk.now - timedelta(seconds=90))
    found = read(clerk)
    assert found["sekisho_fleet_nodes"] == found["sekisho_fleet_nodes_online"] == 1
    assert found['sekisho_fleet_requests_total{kind="read"}'] == 1
    assert found['sekisho_fleet_requests_total{kind="enrol"}'] == 1
    assert found['sekisho_fleet_refused_total{reason="unknown_key"}'] == 1
    assert (found["sekisho_fleet_unjudged"], found["sekisho_fleet_unjudged_seconds"]) == (1, 90)
    assert sum("reason=" in name for name in found) == len(REFUSALS)
    assert not any("evil" in name for name in found)
    clerk.later(hours=1)
    assert read(clerk)["sekisho_fleet_nodes_online"] == 0
