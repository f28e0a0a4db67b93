from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import Raw, Struct

from sekisho.fleet.service import wire
from sekisho.fleet.service.wire import Enroll, Keyed, Log, Refused, Write

DEEP = b"[" * 100_000


@pytest.mark.parametrize(
    ("kind", "body", "reason"),
    [
        (Keyed, b"", "not_json"),
        (Keyed, b"\xff\xfe", "not_json"),
        (Keyed, b"{}", "wrong_shape"),
        (Keyed, b'{"node_key": 7}', "wrong_shape"),
        (Keyed, b'{"node_key": "' + b"x" * 401 + b'"}', "wrong_shape"),
        (Keyed, b'{"node_key": "x", "more": ' + DEEP, "wrong_shape"),
        (Write, b'{"node_key": "x", "queries": []}', "wrong_shape"),
        (Write, b'{"node_key": "x", "queries": {"q": ' + DEEP, "wrong_shape"),
        (Write, b'{"node_key": "x", "statuses": {"q": [1]}}', "wrong_shape"),
        (Log, b'{"node_key": "x", "log_type": "result", "data": {}}', "wrong_shape"),
        (Enroll, b'{"host_details": {"system_info": [1]}}', "wrong_shape"),
        (Enroll, b'{"host_details": {"system_info": {"uuid": {}}}}', "wrong_shape"),
    ],
)
def test_what_is_no_request_is_refused_with_its_reason(
    kind: type[Struct], body: bytes, reason: str
) -> None:
    with pytest.raises(Refused) as refused:
        wire.read(kind, body)
    assert refused.value.reason == reason
    assert len(refused.value.words) <= 200


def test_what_osquery_sends_is_read() -> None:
    found = wire.read(
        Write,
        b'{"queries":{"a":[{"x":"1","y":2,"z":null}],"b":"","c":null},"statuses":{"a":0,"b":"1"},'
        b'"messages":{"b":"no such table"},"stats":{"a":{"wall_time_ms":"3","memory":9}},"node_key":"k"}',
    )
    assert wire.rows(found.queries["a"]) == [{"x": "1", "y": 2, "z": None}]
    assert wire.rows(found.queries["b"]) == wire.rows(found.queries["c"]) == []
    assert [wire.status_of(found.statuses.get(name)) for name in "abc"] == [0, 1, 0]
    assert wire.stats_of(found.stats["a"]) == {"wall_time_ms": 3, "memory": 9}


@pytest.mark.parametrize(
    "text",
    [
        b'[{"x": [1]}]',
        b'[{"x": {}}]',
        b"[1]",
        b"{}",
        b'"text"',
        b'[{"x": "\xff"}]',
        b'[{"x": "\\ud800"}]',
        DEEP,
    ],
)
def test_rows_are_flat_objects_or_refused(text: bytes) -> None:
    with pytest.raises(Refused):
        wire.rows(Raw(text))


def test_numbers_that_are_none_or_impossible_count_for_nothing() -> None:
    told = {"wall_time_ms": "x", "user_time": -1, "system_time": 1e300, "memory": 1 << 70}
    assert wire.stats_of(told) == {}
    assert wire.stats_of(None) == {}
    assert wire.status_of("x") == wire.status_of(1 << 40) == 1


@settings(max_examples=80, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    for kind in (Enroll, Keyed, Log, Write):
        reason = ""
        try:
            wire.read(kind, body)
        except Refused as refused:
            reason = refused.reason
        assert reason in ("", "not_json", "wrong_shape")


def test_whose_line_it_is() -> None:
    assert wire.host_of(Raw(b'{"hostIdentifier":"pc1","snapshot":[[1]]}')) == "pc1"
    assert wire.host_of(Raw(b"{}")) == ""
    with pytest.raises(Refused):
        wire.host_of(Raw(b'{"hostIdentifier":7}'))


def test_bytes_that_are_no_text_cost_themselves_alone() -> None:
    raw = Raw(b'[{"x": "a\xffb"}]')
    assert wire.rows(wire.as_text(raw)) == [{"x": "a\ufffdb"}]
    for fine in (Raw(b'[{"x": "a"}]'), Raw('[{"x": "東京"}]'.encode())):
        assert wire.as_text(fine) is fine
