"""What a monitoring system reads of the watch, in Prometheus' text format, at an address of its own.

Names, labels and their number are fixed: no label holds what a record or a sender chose. Sinks and
sensors come from files that people wrote, and of those at most `MOST_LABELS` are told apart.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from socketserver import TCPServer, ThreadingMixIn
from typing import Any, Protocol
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

from prometheus_client import CollectorRegistry, make_wsgi_app
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from sekisho.errors import RequestError
from sekisho.watch.status import Status

MOST_LABELS = 1000
OTHER = "other"
"""The label of what is beyond them, added up."""
NOBODY = "nobody"
"""The label of certificates that belong to no collector."""
SLOWEST_CLIENT = 10.0
MOST_CLIENTS = 16


@dataclass(frozen=True, slots=True)
class Received:
    """What came from a sensor, in the unit of its exporters' numbers, and what gaps in these say is lost."""

    received: int
    lost: int


@dataclass(frozen=True, slots=True)
class Collection:
    """The state of collecting, counted since the collector began.

    `sensors` by name, several where they share an exporter. By listener: `dropped` is what full receive
    queues and disks could not take, `strangers` came from senders that are no sensor's. `backlog` sealed
    segments do not count yet.
    """

    running: bool
    sensors: Mapping[str, Received] = field(default_factory=dict)
    dropped: Mapping[str, int] = field(default_factory=dict)
    strangers: Mapping[str, int] = field(default_factory=dict)
    backlog: int = 0
    committed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Centre:
    """What a centre says of its collectors, by name: segments that wait there, records that were not the
    collector's, requests that came too often ('' for certificates of nobody)."""

    pending: Mapping[str, int] = field(default_factory=dict)
    foreign: Mapping[str, int] = field(default_factory=dict)
    too_often: Mapping[str, int] = field(default_factory=dict)


class Metrics(Collector):
    """The last state of the watch that was told, and of collecting as `collecting` finds it when asked, of
    what sites forward as `centre` does; None where there never was such a thing."""

    def __init__(
        self,
        collecting: Callable[[], Collection | None] = lambda: None,
        centre: Callable[[], Centre | None] = lambda: None,
    ) -> None:
        self.registry = CollectorRegistry(auto_describe=False)
        self._status: Status | None = None
        self._collecting = collecting
        self._centre = centre
        self.registry.register(self)

    def update(self, status: Status) -> None:
        """Take a new state."""
        self._status = status

    def collect(self) -> Iterator[Metric]:
        """Every family, as the registry asks for them."""
        if (status := self._status) is not None:
            yield from _watch(status)
            yield from _sinks(status)
        if (collection := self._collecting()) is not None:
            yield from _collection(collection)
        if (centre := self._centre()) is not None:
            yield from _of_centre(centre)

    def describe(self) -> Iterator[Metric]:
        """Nothing: names are fixed, and the registry need not look at a state to know them."""
        yield from ()


def _watch(status: Status) -> Iterator[Metric]:
    alerts = GaugeMetricFamily(
        "sekisho_alerts_open", "Alerts that nobody has answered.", labels=["severity", "verdict"]
    )
    by_verdict = status.by_verdict or {(severity, ""): n for severity, n in status.alerts.items()}
    for (severity, verdict), number in by_verdict.items():
        alerts.add_metric([severity, verdict], number)
    yield alerts
    yield _gauge("sekisho_alerts_muted", "Alerts that a maintenance window keeps.", status.muted)
    yield _counter("sekisho_alerts_told", "Messages told since the watch began.", status.told)
    yield _counter("sekisho_watch_flows", "Flows judged since the watch began.", status.flows)
    yield _gauge("sekisho_watch_files_behind", "Files of the lake that wait.", status.behind)
    if status.lag is not None:
        yield _gauge(
            "sekisho_watch_lag_seconds", "From counting in the lake to being judged.", status.lag
        )
    yield _gauge("sekisho_watch_state_timestamp_seconds", "When this was true.", _seconds(status.at))
    if status.judged_at is not None:
        yield _gauge(
            "sekisho_watch_judged_timestamp_seconds", "When last judged.", _seconds(status.judged_at)
        )
    yield _gauge(
        "sekisho_register_sound", "0 while the last good register judges.", int(status.register_sound)
    )


def _sinks(status: Status) -> Iterator[Metric]:
    names = sorted({*status.delivered, *status.pending, *status.failed})
    delivered = CounterMetricFamily(
        "sekisho_sink_delivered", "Messages taken since the watch began.", labels=["sink"]
    )
    pending = GaugeMetricFamily("sekisho_sink_pending", "Messages that wait.", labels=["sink"])
    failed = GaugeMetricFamily(
        "sekisho_sink_failed", "Messages refused for good, and kept.", labels=["sink"]
    )
    for family, numbers in (
        (delivered, status.delivered),
        (pending, status.pending),
        (failed, status.failed),
    ):
        for label, number in _bounded({name: numbers.get(name, 0) for name in names}).items():
            family.add_metric([label], number)
        yield family


def _collection(collection: Collection) -> Iterator[Metric]:
    yield _gauge("sekisho_collect_running", "Whether a collector runs.", int(collection.running))
    yield _gauge(
        "sekisho_collect_backlog", "Sealed segments that do not count yet.", collection.backlog
    )
    families = (
        ("sekisho_sensor_received", "What exporters numbered and what arrived.", "sensor"),
        ("sekisho_sensor_lost", "What is missing by gaps in the numbers.", "sensor"),
        ("sekisho_collect_dropped", "What a full queue or disk could not take.", "listener"),
        ("sekisho_collect_strangers", "What came from senders that are no sensor's.", "listener"),
    )
    sensors = collection.sensors.items()
    numbers = (
        {name: own.received for name, own in sensors},
        {name: own.lost for name, own in sensors},
        collection.dropped,
        collection.strangers,
    )
    for (name, about, label), counts in zip(families, numbers, strict=True):
        family = CounterMetricFamily(name, about, labels=[label])
        for value, number in _bounded(counts).items():
            family.add_metric([value], number)
        yield family
    if collection.committed_at is not None:
        at = _seconds(collection.committed_at)
        yield _gauge("sekisho_commit_timestamp_seconds", "When the lake last took something.", at)


def _of_centre(centre: Centre) -> Iterator[Metric]:
    pending = GaugeMetricFamily(
        "sekisho_collector_pending", "Segments that wait at the site, as it said.", labels=["collector"]
    )
    foreign = CounterMetricFamily(
        "sekisho_collector_foreign", "Records that are not the collector's.", labels=["collector"]
    )
    often = CounterMetricFamily(
        "sekisho_collector_too_often",
        "Requests that came too often, and were not answered.",
        labels=["collector"],
    )
    for family, numbers in (
        (pending, centre.pending),
        (foreign, centre.foreign),
        (often, centre.too_often),
    ):
        for label, number in _bounded(numbers).items():
            family.add_metric([label or NOBODY], number)
        yield family


def _gauge(name: str, about: str, value: float) -> Metric:
    return GaugeMetricFamily(name, about, value=value)


def _counter(name: str, about: str, value: float) -> Metric:
    return CounterMetricFamily(name, about, value=value)


def _bounded(numbers: Mapping[str, int]) -> dict[str, int]:
    names = sorted(numbers)
    kept = {name: numbers[name] for name in names[:MOST_LABELS]}
    if rest := names[MOST_LABELS:]:
        kept[OTHER] = kept.get(OTHER, 0) + sum(numbers[name] for name in rest)
    return kept


def _seconds(at: datetime) -> float:
    return at.timestamp()


class Exposed(Protocol):
    """Whatever has a registry to be read."""

    @property
    def registry(self) -> CollectorRegistry:
        """What is served."""


class Exposition:
    """Metrics at `HOST:PORT`, served by threads of its own until `close`. Port 0 takes any.

    `setting` is the one that names the address. Raises RequestError when it cannot listen there.
    """

    def __init__(self, metrics: Exposed, address: str, setting: str = "watch.metrics") -> None:
        host, _, port = address.rpartition(":")
        host = host.strip("[]")
        kind = _Server6 if ":" in host else _Server
        try:
            self._server = kind((host, int(port)), _Handler)
        except OSError as error:
            mend = f"Name another address in `{setting}`, or an empty one to serve none."
            raise RequestError(f"cannot serve metrics at {address}: {error.strerror}", mend) from error
        self._server.set_app(make_wsgi_app(metrics.registry))
        self.port = int(self._server.server_address[1])
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.1,), name="metrics", daemon=True
        )
        self._thread.start()

    def close(self) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, address: tuple[str, int], handler: type[WSGIRequestHandler]) -> None:
        self._room = threading.BoundedSemaphore(MOST_CLIENTS)
        super().__init__(address, handler)

    def server_bind(self) -> None:
        """Without asking a name server what this machine is called, which may take long."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = map(str, self.server_address[:2])  # type: ignore[assignment]
        self.setup_environ()

    def process_request(self, request: Any, client_address: Any) -> None:
        """Refuse rather than start more threads than a few scrapers need."""
        if not self._room.acquire(blocking=False):
            self.shutdown_request(request)
            return
        super().process_request(request, client_address)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Give the place back however it ends."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._room.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is no matter of ours."""


class _Server6(_Server):
    address_family = socket.AF_INET6


class _Handler(WSGIRequestHandler):
    timeout = SLOWEST_CLIENT

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Nothing: what a client asks for must not get into the log."""
