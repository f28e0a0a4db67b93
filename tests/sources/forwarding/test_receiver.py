from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from tests.sources.forwarding.conftest import MICROS, NOW, OWN, RATE, Centre, content, segment, sha

from sekisho.errors import RequestError
from sekisho.sources.forwarding import receiver, wire
from sekisho.sources.forwarding.delivery import NotNow, Unwanted
from sekisho.sources.forwarding.received import DATABASE
from sekisho.sources.forwarding.receiver import Collector
from sekisho.sources.forwarding.told import losses, refused, states

SPAN = wire.DroppedSpan(id="c" * 32, begin=NOW, end=NOW, segments=2, size=9, why="age")


def put(client: httpx.Client, body: bytes, **changed: str) -> httpx.Response:
    headers = {
        wire.NAME_HEADER: f"{MICROS:020d}",
        wire.LANE_HEADER: "live",
        "content-range": f"bytes 0-{len(body) - 1}/{len(body)}",
    }
    headers |= {name.replace("_", "-"): value for name, value in changed.items()}
    import hashlib

    return client.put(
        f"{wire.SEGMENTS}/{hashlib.sha256(body).hexdigest()}", content=body, headers=headers
    )


def test_a_hello_measures_the_clock_and_notes_what_was_lost(centre: Centre) -> None:
    delivery = centre.delivery()
    late = NOW - timedelta(minutes=3)
    for _ in range(2):
        welcome = delivery.greet(wire.Hello(now=late, pending=5, dropped=(SPAN,)))
    assert (welcome.collector, welcome.ahead_seconds) == ("th-plant", -180.0)
    (state,) = states(centre.received.root)
    assert (state.ahead, state.pending) == (timedelta(minutes=-3), 5)
    assert losses(centre.received.root) == {"th-plant": (SPAN,)}
    assert centre.events() == ["clock", "dropped"], "each is told once an hour"


@pytest.mark.parametrize(
    "body", ["", "{", "[]", '{"now": 5e400}', '{"now": "0001-01-01T00:00:00+14:00"}', "x" * 2_000_000]
)
def test_what_is_no_hello(centre: Centre, body: str) -> None:
    answer = centre.client("th-plant").post(wire.HELLO, content=body.encode())
    assert answer.status_code in (413, 422)
    assert states(centre.received.root) == ()


def test_a_certificate_that_nobody_named(centre: Centre, tmp_path: Path) -> None:
    one = segment(tmp_path, MICROS)
    with pytest.raises(NotNow, match="belongs to no collector"):
        centre.delivery("nobody").deliver(one, "live", apart=False, asking=False)
    assert centre.events() == ["stranger"]
    assert centre.told[0][1]["names"] == ["nobody"]
    centre.collectors["twin"] = Collector("twin", ("th-plant",), frozenset())
    with pytest.raises(NotNow, match="several collectors"):
        centre.delivery().deliver(one, "live", apart=False, asking=False)


def test_taken_out_of_the_settings_a_site_is_refused_on_its_open_connection(
    centre: Centre, tmp_path: Path
) -> None:
    delivery = centre.delivery()
    delivery.deliver(segment(tmp_path, MICROS), "live", apart=False, asking=False)
    gone = centre.collectors.pop("th-plant")
    with pytest.raises(NotNow, match="403"):
        delivery.deliver(segment(tmp_path, MICROS + 1), "live", apart=False, asking=False)
    centre.collectors["th-plant"] = gone
    delivery.deliver(segment(tmp_path, MICROS + 2), "live", apart=False, asking=False)
    assert centre.names("live") == [MICROS, MICROS + 2]


def test_a_certificate_that_runs_out_while_the_connection_is_open(centre: Centre) -> None:
    delivery = centre.delivery()
    delivery.greet(wire.Hello(now=NOW))
    centre.clock[0] = datetime(3001, 1, 1, tzinfo=UTC)
    with pytest.raises(NotNow, match="expired"):
        delivery.greet(wire.Hello(now=NOW))


def test_settings_that_cannot_be_read_let_nobody_in(centre: Centre) -> None:
    centre.broken = RequestError("sekisho.toml: no")
    with pytest.raises(NotNow, match="settings cannot be read") as error:
        centre.delivery().greet(wire.Hello(now=NOW))
    assert error.value.after == 15


def test_records_of_exporters_that_are_not_the_sites(centre: Centre, tmp_path: Path) -> None:
    one = segment(tmp_path, MICROS, OWN, "10.1.0.1", "10.1.0.1")
    receipt = centre.delivery().deliver(one, "live", apart=False, asking=False)
    assert (receipt.records, receipt.foreign) == (1, {"10.1.0.1": 2})
    assert centre.events() == ["foreign"]
    (path,) = (centre.received.root / "th-plant" / "live").glob("*.journal")
    assert path.read_bytes() == content(OWN, salt=MICROS % 2**32)
    assert centre.delivery().deliver(one, "live", apart=False, asking=True).state == "known"
    only = segment(tmp_path, MICROS + 1, "10.1.0.1")
    assert centre.delivery().deliver(only, "live", apart=False, asking=False).records == 0
    assert centre.names("live") == [MICROS]


def test_a_corrupted_body_counts_for_nothing(centre: Centre, tmp_path: Path) -> None:
    one = segment(tmp_path, MICROS)
    client = centre.client("th-plant")
    headers = {
        wire.NAME_HEADER: one.name,
        wire.LANE_HEADER: "live",
        "content-range": f"bytes 0-{one.size - 1}/{one.size}",
    }
    body = bytearray(one.path.read_bytes())
    body[-1] ^= 1
    answer = client.put(f"{wire.SEGMENTS}/{sha(one)}", content=bytes(body), headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (422, "hash")
    assert centre.names("live") == []
    assert centre.delivery().deliver(one, "live", apart=False, asking=False).state == "stored"


def test_bounds(centre: Centre, monkeypatch: pytest.MonkeyPatch) -> None:
    client = centre.client("th-plant")
    body = content(OWN)
    big = f"bytes 0-{len(body) - 1}/{receiver.LARGEST_SEGMENT + 1}"
    assert put(client, body, content_range=big).status_code == 413
    assert put(client, body, content_range="bytes */0").status_code == 413
    assert put(client, body, sekisho_name="../../x").json()["code"] == "name"
    assert put(client, body, content_range="bytes 5-9/10").status_code == 409
    assert put(client, body, content_range=f"bytes 0-{len(body) - 2}/{len(body)}").status_code == 422
    for path in ("/", "/v1/segments/..%2f..%2fx", "/v1/segments/" + "A" * 64, "/v1/segments/a"):
        assert client.get(path).status_code == 404
    monkeypatch.setattr(receiver, "RESERVE", 1 << 62)
    full = put(client, body)
    assert (full.status_code, full.headers["retry-after"]) == (507, "10")
    monkeypatch.setattr(receiver, "RESERVE", 0)
    monkeypatch.setattr(receiver, "AT_ONCE", 0)
    assert put(client, body).status_code == 429
    assert centre.names("live") == []


def test_a_site_whose_backlog_the_lake_has_not_taken_waits(centre: Centre, tmp_path: Path) -> None:
    delivery = centre.delivery()
    delivery.deliver(segment(tmp_path, MICROS), "late", apart=False, asking=False)
    (path,) = (centre.received.root / "th-plant" / "late").iterdir()
    os.truncate(path, (1 << 30) + 1)
    centre.clock[0] += timedelta(seconds=10)
    two = segment(tmp_path, MICROS + 1)
    with pytest.raises(NotNow, match="507"):
        delivery.deliver(two, "late", apart=False, asking=False)
    path.unlink()
    centre.clock[0] += timedelta(seconds=10)
    delivery.deliver(two, "late", apart=False, asking=False)
    assert centre.names("late") == [MICROS + 1]


def test_too_large_is_never_taken(
    centre: Centre, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(receiver, "LARGEST_SEGMENT", 10)
    with pytest.raises(Unwanted, match="413"):
        centre.delivery().deliver(segment(tmp_path, MICROS), "live", apart=False, asking=False)


def test_who_asks_too_often_waits_as_long_as_he_is_told(centre: Centre, tmp_path: Path) -> None:
    assert centre.receiver
    client = centre.client("th-plant")
    url = f"{wire.SEGMENTS}/{'a' * 64}"
    answers = [client.get(url).status_code for _ in range(int(2 * RATE) + 3)]
    assert (answers.count(200), answers.count(429)) == (2 * RATE, 3)
    assert answers[-3:] == [429] * 3
    refusal = client.get(url)
    assert (refusal.headers["retry-after"], refusal.json()["code"]) == ("1", "often")
    assert centre.client("jp-hq").get(url).status_code == 200, "others are not touched"
    one = segment(tmp_path, MICROS)
    with pytest.raises(NotNow, match=r"429.*100 requests a second") as error:
        centre.delivery().deliver(one, "live", apart=False, asking=False)
    assert error.value.after == 1
    centre.ticks[0] += error.value.after
    assert centre.delivery().deliver(one, "live", apart=False, asking=False).state == "stored"
    centre.receiver.settle()
    centre.receiver.settle()
    assert refused(centre.received.root) == {"th-plant": 5}
    assert centre.events() == ["often"], "told once an hour"


def test_a_certificate_of_nobody_is_bounded_before_the_settings_are_read(centre: Centre) -> None:
    assert centre.receiver
    client = centre.client("nobody")
    url = f"{wire.SEGMENTS}/{'a' * 64}"
    found = {client.get(url).status_code for _ in range(int(2 * RATE))}
    assert found == {403}
    centre.broken = RequestError("not to be asked")
    assert client.get(url).status_code == 429
    centre.receiver.settle()
    assert refused(centre.received.root) == {"": 1}


def test_a_count_that_cannot_be_noted_is_noted_later(centre: Centre) -> None:
    assert centre.receiver
    client = centre.client("nobody")
    for _ in range(int(2 * RATE) + 3):
        client.get(f"{wire.SEGMENTS}/{'a' * 64}")
    centre.received._db.execute("PRAGMA busy_timeout = 0")
    with closing(sqlite3.connect(centre.received.root / DATABASE)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(sqlite3.OperationalError):
            centre.receiver.settle()
    centre.receiver.settle()
    assert refused(centre.received.root) == {"": 3}


def test_late_segments_leave_requests_for_live_ones(centre: Centre, tmp_path: Path) -> None:
    delivery = centre.delivery()
    body = segment(tmp_path, MICROS)
    taken = iter(range(int(2 * RATE)))

    def go_on() -> None:
        for _ in taken:
            delivery.deliver(body, "late", apart=False, asking=True)

    with pytest.raises(NotNow, match="429"):
        go_on()
    assert RATE < next(taken) < 2 * RATE - 1
    assert delivery.deliver(segment(tmp_path, MICROS + 1), "live", apart=False, asking=False)
