from __future__ import annotations

from collections.abc import Callable
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest

from sekisho.model.predicates import Like, Not, Within
from sekisho.store import network_records
from sekisho.store.lake import Lake
from sekisho.store.queries import events
from sekisho.store.queries.events import AskedOfEvents, EventSource
from sekisho.store.queries.network import SEPARATOR

CONN = EventSource(names=(("port", "id.resp_p"), ("from", "id.orig_h")), relation="conn")


def _asked(*predicates: Any) -> list[AskedOfEvents]:
    return [AskedOfEvents(number, (CONN,), one) for number, one in enumerate(predicates)]


def test_flows_are_records_and_their_key_is_the_connection(
    lake: Lake, take: Callable[..., bool], flow: Callable[..., dict[str, Any]]
) -> None:
    for sensor in "ab":
        take(lake, sensor, [flow(), flow(at=40_000), flow(port=80)], f"{sensor}.log")
    met = lake.events.met(_asked(Like("port", ("445",))))
    (row,) = met.summed.to_pylist()
    assert (row["network"], row["events"], row["sensors"], row["channel"]) == (
        True,
        4,
        ["a", "b"],
        "conn",
    )
    assert row["host"].split(chr(SEPARATOR))[6] == "445"
    assert [(one["name"], one["row"], one["sensor"]) for one in met.evident.to_pylist()] == [
        ("b.log", 1, "b"),
        ("a.log", 1, "a"),
        ("b.log", 2, "b"),
        ("a.log", 2, "a"),
    ]
    assert lake.events.network.recorded(["conn", "rdp", "dns"]) == {"conn"}


def test_addresses_are_asked_as_text(
    lake: Lake, take: Callable[..., bool], flow: Callable[..., dict[str, Any]]
) -> None:
    take(lake, "a", [flow("10.40.9.9"), flow("2001:db8::1", "2001:db8::2"), flow("192.0.2.1")])
    asked = _asked(
        Within("from", ip_network("2001:db8::/32")),
        Within("from", ip_network("10.0.0.0/8")),
        Like("from", ("192.0.2.1",)),
        Like("from", ("2001:db8::1",)),
    )
    found = lake.events.met(asked).summed.to_pylist()
    assert [(row["rule"], row["events"]) for row in found] == [(0, 1), (1, 1), (2, 1), (3, 1)]


def test_days_are_looked_at_one_after_the_other(
    lake: Lake,
    take: Callable[..., bool],
    flow: Callable[..., dict[str, Any]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(network_records, "AT_ONCE", 2)
    for name in "xy":
        take(lake, "a", [flow(at=day * 86_400, sport=ord(name)) for day in range(3)], f"{name}.log")
    beside = lake.events.network.read({"conn"})
    assert [len(part) for part in beside.parts["flows"]] == [2, 2, 2]
    (row,) = lake.events.met(_asked(Like("port", ("445",)))).summed.to_pylist()
    assert row["events"] == 6


def test_a_file_that_is_not_whole_is_named(
    lake: Lake, take: Callable[..., bool], flow: Callable[..., dict[str, Any]]
) -> None:
    take(lake, "a", [flow()])
    (path,) = Path(lake.layout.flows).rglob("*.parquet")
    path.write_bytes(path.read_bytes()[:-1])
    assert len(lake.events.met(_asked(Like("port", ("445",)))).damage) == 1


def test_nothing_is_read_where_nothing_is_asked(lake: Lake) -> None:
    beside = lake.events.network.read(())
    assert (beside.files.num_rows, dict(beside.parts), beside.damage) == (0, {}, ())
    assert lake.events.network.recorded(["dns", "conn"]) == frozenset()


def test_a_rule_that_all_connections_meet_is_told_in_part(
    lake: Lake,
    take: Callable[..., bool],
    flow: Callable[..., dict[str, Any]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(events, "SUM", events.SUM.replace(f"<= {events.MOST_CONNECTIONS}", "<= 2"))
    take(lake, "a", [flow(port=port, at=port) for port in range(1, 6)])
    met = lake.events.met(_asked(Not(Like("port", ("none",)))))
    assert [(row["total"], row["first"].second) for row in met.summed.to_pylist()] == [(5, 1), (5, 2)]
    assert met.evident.num_rows == 2
