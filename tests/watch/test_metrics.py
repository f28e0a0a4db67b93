from __future__ import annotations

import socket
from collections.abc import Iterator
from datetime import UTC, datetime

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from sekisho.errors import RequestError
from sekisho.watch.metrics import (
    MOST_CLIENTS,
    MOST_LABELS,
    Centre,
    Collection,
    Exposition,
    Metrics,
    Received,
)
from sekisho.watch.status import Status

AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
STATUS = Status(
    at=AT,
    alerts={"high": 3, "low": 1},
    by_verdict={("high", "unauthorized"): 2, ("high", ""): 1, ("low", "attempted"): 1},
    muted=4,
    lag=1.5,
    behind=2,
    judged_at=AT,
    flows=1000,
    told=7,
    pending={"soar": 1},
    failed={"mail": 2},
    delivered={"soar": 5},
    register_sound=False,
)
Samples = dict[tuple[str, tuple[str, ...]], float]


class Collecting:
    """What the collector says, as a test sets it."""

    now: Collection | None = None

    def __call__(self) -> Collection | None:
        return self.now


@pytest.fixture
def collecting() -> Collecting:
    return Collecting()


@pytest.fixture
def metrics(collecting: Collecting) -> Metrics:
    return Metrics(collecting)


@pytest.fixture
def served(metrics: Metrics) -> Iterator[Exposition]:
    served = Exposition(metrics, "127.0.0.1:0")
    yield served
    served.close()


def scrape(served: Exposition) -> Samples:
    answer = httpx.get(f"http://127.0.0.1:{served.port}/metrics", trust_env=False)
    assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    return {
        (sample.name, tuple(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def test_what_is_true_is_what_is_scraped(
    metrics: Metrics, served: Exposition, collecting: Collecting
) -> None:
    metrics.update(STATUS)
    collecting.now = Collection(
        running=True,
        sensors={"th-edge": Received(100, 3)},
        dropped={"udp:2055": 1},
        strangers={"udp:2055": 9},
        backlog=4,
        committed_at=AT,
    )
    found = scrape(served)
    assert found["sekisho_alerts_open", ("high", "unauthorized")] == 2
    assert found["sekisho_alerts_muted", ()] == 4
    assert found["sekisho_alerts_told_total", ()] == 7
    assert found["sekisho_watch_flows_total", ()] == 1000
    assert found["sekisho_watch_lag_seconds", ()] == 1.5
    assert found["sekisho_watch_files_behind", ()] == 2
    assert found["sekisho_register_sound", ()] == 0
    assert found["sekisho_sink_pending", ("soar",)] == 1
    assert found["sekisho_sink_pending", ("mail",)] == 0
    assert found["sekisho_sink_failed", ("mail",)] == 2
    assert found["sekisho_sink_delivered_total", ("soar",)] == 5
    assert found["sekisho_sensor_lost_total", ("th-edge",)] == 3
    assert found["sekisho_collect_dropped_total", ("udp:2055",)] == 1
    assert found["sekisho_collect_running", ()] == 1
    assert found["sekisho_collect_backlog", ()] == 4
    assert found["sekisho_sensor_received_total", ("th-edge",)] == 100
    assert found["sekisho_collect_strangers_total", ("udp:2055",)] == 9
    assert found["sekisho_commit_timestamp_seconds", ()] == AT.timestamp()
    assert found["sekisho_watch_judged_timestamp_seconds", ()] == AT.timestamp()


def test_what_nobody_told_is_missing_and_not_zero(metrics: Metrics, served: Exposition) -> None:
    assert scrape(served) == {}
    metrics.update(Status(at=AT, alerts={"high": 2}))
    found = scrape(served)
    assert found["sekisho_alerts_open", ("high", "")] == 2
    missing = (
        "sekisho_watch_lag_seconds",
        "sekisho_strangers_total",
        "sekisho_commit_timestamp_seconds",
    )
    assert not {name for name, _ in found} & set(missing)


def test_a_new_state_replaces_the_one_before(metrics: Metrics, served: Exposition) -> None:
    metrics.update(STATUS)
    metrics.update(Status(at=AT))
    found = scrape(served)
    assert not [labels for name, labels in found if name == "sekisho_alerts_open"]


def test_labels_are_bounded_and_nothing_is_left_out_of_the_sum(
    served: Exposition, collecting: Collecting
) -> None:
    many = {f"s{number:05}": Received(1, 2) for number in range(MOST_LABELS * 3)}
    collecting.now = Collection(running=True, sensors=many)
    lost = {k: v for k, v in scrape(served).items() if k[0] == "sekisho_sensor_lost_total"}
    assert len(lost) == MOST_LABELS + 1
    assert sum(lost.values()) == 2 * MOST_LABELS * 3
    assert lost["sekisho_sensor_lost_total", ("other",)] == 2 * MOST_LABELS * 2


def test_names_with_quotes_and_line_breaks_stay_names(
    metrics: Metrics, served: Exposition, collecting: Collecting
) -> None:
    name = 'a"} 1\nsekisho_alerts_muted 99\\'
    metrics.update(STATUS)
    collecting.now = Collection(running=False, sensors={name: Received(1, 0)})
    found = scrape(served)
    assert found["sekisho_sensor_received_total", (name,)] == 1
    assert found["sekisho_alerts_muted", ()] == 4
    assert found["sekisho_collect_running", ()] == 0


def test_clients_that_stall_do_not_keep_others_out_for_ever(
    served: Exposition, metrics: Metrics
) -> None:
    metrics.update(STATUS)
    place = ("127.0.0.1", served.port)
    stalled = [socket.create_connection(place, 5) for _ in range(MOST_CLIENTS + 4)]
    # Those beyond the places there are were hung up on at once: no thread waits for them.
    for one in stalled:
        one.settimeout(5)
    assert [one.recv(1) for one in stalled[MOST_CLIENTS:]] == [b""] * 4
    for one in stalled:
        one.close()
    while True:
        try:
            assert scrape(served)["sekisho_alerts_muted", ()] == 4
            break
        except httpx.TransportError:
            continue


def test_an_address_that_is_taken(served: Exposition, metrics: Metrics) -> None:
    with pytest.raises(RequestError, match="cannot serve metrics") as error:
        Exposition(metrics, f"127.0.0.1:{served.port}")
    assert "watch.metrics" in error.value.mend


def test_ipv6(metrics: Metrics) -> None:
    served = Exposition(metrics, "[::1]:0")
    with socket.create_connection(("::1", served.port), 5) as one:
        one.sendall(b"GET /metrics HTTP/1.0\r\n\r\n")
        assert one.recv(15) == b"HTTP/1.0 200 OK"
    served.close()


def test_what_a_centre_says_of_its_collectors() -> None:
    told = Centre(pending={"th-plant": 5}, foreign={"th-plant": 2}, too_often={"th-plant": 7, "": 3})
    served = Exposition(Metrics(centre=lambda: told), "127.0.0.1:0")
    found = scrape(served)
    served.close()
    assert found["sekisho_collector_pending", ("th-plant",)] == 5
    assert found["sekisho_collector_foreign_total", ("th-plant",)] == 2
    assert found["sekisho_collector_too_often_total", ("th-plant",)] == 7
    assert found["sekisho_collector_too_often_total", ("nobody",)] == 3
