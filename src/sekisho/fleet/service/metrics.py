"""What a monitoring system reads of the service. All of it is asked of the state, so that it is the same
whichever process answers, and goes on where it was after a restart.

Names and labels are fixed: no label holds what a terminal chose.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from sekisho.model.nodes import REFUSALS
from sekisho.state.nodes import NodeStore

KINDS = ("enrol", "config", "log", "read", "write")
ADDED = {
    "handed": "Queries that were handed out.",
    "answers": "Answers to queries that were taken.",
    "lines": "Lines of logs that were taken.",
    "repeated": "What came again, and counts once.",
}


class ServiceMetrics(Collector):
    """`now` is aware UTC; a node that was heard within `offline_minutes` is online."""

    def __init__(
        self, store: NodeStore, offline_minutes: float, *, now: Callable[[], datetime]
    ) -> None:
        self.registry = CollectorRegistry(auto_describe=False)
        self._store = store
        self._offline = timedelta(minutes=offline_minutes)
        self._now = now
        self.registry.register(self)

    def collect(self) -> Iterator[Metric]:
        """Every family, as the registry asks for them."""
        now = self._now()
        found = self._store.counts(now - self._offline)
        yield _gauge("sekisho_fleet_nodes", "Nodes that enrolled.", found.nodes)
        yield _gauge("sekisho_fleet_nodes_online", "Nodes that were heard lately.", found.fresh)
        yield _gauge("sekisho_fleet_unjudged", "Deliveries that nobody has judged.", found.waiting)
        yield _gauge("sekisho_fleet_held", "Deliveries that wait for the rest of a check.", found.held)
        behind = 0.0 if found.oldest is None else max((now - found.oldest).total_seconds(), 0.0)
        yield _gauge("sekisho_fleet_unjudged_seconds", "How long the oldest of them waits.", behind)
        asked = CounterMetricFamily("sekisho_fleet_requests", "Requests taken.", labels=["kind"])
        for kind in KINDS:
            asked.add_metric([kind], found.counts.get(kind, 0))
        yield asked
        for name, about in ADDED.items():
            yield CounterMetricFamily(f"sekisho_fleet_{name}", about, found.counts.get(name, 0))
        refused = CounterMetricFamily("sekisho_fleet_refused", "What was not taken.", labels=["reason"])
        for reason in REFUSALS:
            refused.add_metric([reason], found.refused.get(reason, 0))
        yield refused

    def describe(self) -> Iterator[Metric]:
        """Nothing: names are fixed, and the registry need not look at a state to know them."""
        yield from ()


def _gauge(name: str, about: str, value: float) -> Metric:
    return GaugeMetricFamily(name, about, value=value)
