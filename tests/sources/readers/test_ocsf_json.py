"""OCSF Network Activity: times, actions, and counts as products give them."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sekisho.model.flows import Flag, Orientation, State
from sekisho.sources.readers.ocsf_json import OcsfJson

START = 1_709_251_200_000


def event(**more: Any) -> dict[str, Any]:
    usual: dict[str, Any] = {
        "class_uid": 4001,
        "category_uid": 4,
        "activity_id": 6,
        "time": START + 10_000,
        "start_time": START,
        "end_time": START + 9_500,
        "src_endpoint": {"ip": "10.0.0.1", "port": 50_000},
        "dst_endpoint": {"ip": "10.0.0.2", "port": 443, "svc_name": "https"},
        "connection_info": {"protocol_num": 6, "direction_id": 1, "uid": "c-1"},
        "traffic": {"bytes_out": 900, "bytes_in": 4000, "packets_out": 6, "packets_in": 5},
        "metadata": {"version": "1.3.0", "product": {"name": "Firewall", "vendor_name": "Acme"}},
    }
    return {key: value for key, value in (usual | more).items() if value is not None}


def lines(*events: dict[str, Any]) -> str:
    return "".join(json.dumps(one) + "\n" for one in events)


def test_an_event_is_a_flow(read_with: Callable[..., Any]) -> None:
    (flow,) = read_with("ocsf-json", lines(event())).flows
    assert flow["start"] == datetime(2024, 3, 1, tzinfo=UTC)
    assert flow["end"] - flow["start"] == timedelta(seconds=9.5)
    assert (flow["src"], flow["dst"], flow["dst_port"]) == ("10.0.0.1", "10.0.0.2", 443)
    assert (flow["bytes_out"], flow["bytes_in"], flow["packets_in"]) == (900, 4000, 5)
    assert (flow["service"], flow["uid"]) == ("https", "c-1")
    assert (flow["state"], flow["orientation"]) == (State.UNKNOWN, Orientation.STATED)


def test_arrays_lines_and_hits_of_an_export_say_the_same(read_with: Callable[..., Any]) -> None:
    events = [event(), event(class_uid=3002), event(activity_id=7), event(time=START)]
    plain = read_with("ocsf-json", lines(*events))
    assert (len(plain.flows), plain.ignored, plain.rejects) == (2, 2, [])
    for text in (
        json.dumps(events),
        json.dumps(events, indent=2),
        lines(*({"_id": "x", "_source": one} for one in events)),
    ):
        assert read_with("ocsf-json", text).flows == plain.flows


@pytest.mark.parametrize(
    ("given", "begins", "lasts"),
    [
        ({}, 0, 9.5),
        ({"start_time": None, "end_time": None}, 10, 0),
        ({"start_time": None, "end_time": None, "activity_id": 1}, 10, 0),
        ({"start_time": None, "end_time": None, "duration": 4000}, 6, 4),
        ({"start_time": None, "end_time": None, "duration": 4000, "activity_id": 1}, 10, 4),
        ({"end_time": None, "duration": 4000}, 0, 4),
        ({"start_time": None, "duration": 4000}, 5.5, 4),
        ({"start_time": None, "start_time_dt": "2024-03-01T09:00:01+09:00"}, 1, 8.5),
    ],
)
def test_times(
    given: dict[str, Any], begins: float, lasts: float, read_with: Callable[..., Any]
) -> None:
    (flow,) = read_with("ocsf-json", lines(event(**given))).flows
    assert flow["start"] - datetime(2024, 3, 1, tzinfo=UTC) == timedelta(seconds=begins)
    assert flow["end"] - flow["start"] == timedelta(seconds=lasts)


@pytest.mark.parametrize(
    ("given", "state", "flag"),
    [
        ({"action_id": 2}, State.DENIED, 0),
        ({"action": "Denied"}, State.DENIED, 0),
        ({"disposition_id": 6}, State.DENIED, 0),
        ({"disposition": "Blocked", "action_id": 1}, State.DENIED, 0),
        ({"action_id": 1, "disposition_id": 1}, State.UNKNOWN, 0),
        ({"activity_id": 1}, State.ESTABLISHED, Flag.OPEN),
        ({"activity_id": 1, "action_id": 2}, State.DENIED, 0),
        ({"activity_id": 3}, State.UNKNOWN, Flag.RESET),
        ({"activity_id": 4}, State.NO_REPLY, 0),
        ({"activity_id": 5}, State.REJECTED, 0),
        ({"connection_info": {"protocol_name": "udp"}}, State.ESTABLISHED, 0),
    ],
)
def test_actions_and_activities(
    given: dict[str, Any], state: State, flag: int, read_with: Callable[..., Any]
) -> None:
    (flow,) = read_with("ocsf-json", lines(event(**given))).flows
    assert (flow["state"], flow["flags"]) == (state, flag)


def test_one_number_for_both_directions_is_a_range(read_with: Callable[..., Any]) -> None:
    (flow,) = read_with("ocsf-json", lines(event(traffic={"bytes": 5000}))).flows
    assert (flow["bytes_out"], flow["bytes_out_spread"]) == (0, 5000)
    assert (flow["bytes_in"], flow["bytes_in_spread"]) == (0, 5000)
    assert flow["flags"] == Flag.SUMMED


def test_records_of_a_vpc_are_one_way(read_with: Callable[..., Any]) -> None:
    product = {"version": "1.1.0", "product": {"name": "Amazon VPC", "vendor_name": "AWS"}}
    reply = event(
        metadata=product,
        src_endpoint={"ip": "10.0.0.2", "port": 443},
        dst_endpoint={"ip": "10.0.0.1", "port": 50_000},
        connection_info={"protocol_num": 6, "tcp_flags": 18},
        traffic={"bytes": 5000, "packets": 7},
    )
    (flow,) = read_with("ocsf-json", lines(reply)).flows
    assert (flow["src"], flow["bytes_out"], flow["bytes_in"], flow["packets_in"]) == (
        "10.0.0.1",
        0,
        5000,
        7,
    )
    assert flow["flags"] == Flag.ONE_WAY | Flag.REVERSED | Flag.SYN_ACK


def test_bad_events_have_a_reason(read_with: Callable[..., Any]) -> None:
    text = lines(
        event(src_endpoint={"hostname": "x"}),
        event(connection_info={"protocol_num": -1}),
        event(time=None, start_time=None, end_time=None),
        event(traffic={"bytes_in": 1 << 70}),
        event(connection_info={"protocol_num": -1, "protocol_name": "tcp"}),
    )
    read = read_with("ocsf-json", text)
    assert len(read.flows) == 1
    assert read.reasons == {
        1: "src_endpoint.ip is no address",
        2: "connection_info.protocol_num is no known protocol",
        3: "the start time is missing or no time",
        4: "traffic.bytes_in is no whole number",
    }


def test_detection() -> None:
    assert OcsfJson().detect(lines(event()).encode()) == 90
    assert OcsfJson().detect(json.dumps([event()]).encode()) == 90
    assert OcsfJson().detect(b'{"class_uid": 3002, "metadata": {"version": "1.1.0"}}\n') == 50
    assert OcsfJson().detect(b'{"class": 4001}\n') == 0
