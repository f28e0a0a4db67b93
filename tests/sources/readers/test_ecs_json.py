"""Elastic Common Schema: documents of several shippers, in the ways that exports write them."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sekisho.model.flows import Flag, State
from sekisho.sources.readers.ecs_json import EcsJson


def flow(**more: Any) -> dict[str, Any]:
    """A firewall's record as filebeat or the agent has it, with dotted keys."""
    usual: dict[str, Any] = {
        "@timestamp": "2024-03-01T00:00:10.000Z",
        "ecs.version": "8.11.0",
        "event.kind": "event",
        "event.category": ["network"],
        "event.type": ["connection", "end"],
        "event.start": "2024-03-01T00:00:00.000Z",
        "event.end": "2024-03-01T00:00:09.500Z",
        "source.ip": "10.0.0.1",
        "source.port": 50_000,
        "source.bytes": 900,
        "source.packets": 6,
        "destination.ip": "10.0.0.2",
        "destination.port": 443,
        "destination.bytes": 4000,
        "destination.packets": 5,
        "network.transport": "tcp",
        "network.protocol": "tls",
        "observer.name": "fw1",
    }
    return {key: value for key, value in (usual | more).items() if value is not None}


def nested(document: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in document.items():
        place = found
        *above, last = name.split(".")
        for key in above:
            place = place.setdefault(key, {})
        place[last] = value
    return found


def lines(*documents: dict[str, Any]) -> str:
    return "".join(json.dumps(one) + "\n" for one in documents)


def test_a_document_is_a_flow(read_with: Callable[..., Any]) -> None:
    (one,) = read_with("ecs-json", lines(flow())).flows
    assert one["start"] == datetime(2024, 3, 1, tzinfo=UTC)
    assert one["end"] - one["start"] == timedelta(seconds=9.5)
    assert (one["src"], one["dst"], one["dst_port"]) == ("10.0.0.1", "10.0.0.2", 443)
    assert (one["bytes_out"], one["bytes_out_spread"], one["bytes_in"]) == (900, 0, 4000)
    assert (one["service"], one["state"], one["flags"]) == ("tls", State.UNKNOWN, 0)


def test_keys_nested_dotted_wrapped_and_in_arrays_mean_the_same(
    read_with: Callable[..., Any],
) -> None:
    documents = [flow(), flow(**{"source.port": 50_001}), flow(**{"event.category": ["process"]})]
    plain = read_with("ecs-json", lines(*documents))
    assert (len(plain.flows), plain.ignored) == (2, 1)
    for text in (
        lines(*map(nested, documents)),
        lines(*({"_index": "logs", "_source": nested(one)} for one in documents)),
        lines(*({"_index": "logs", "_source": one} for one in documents)),
        json.dumps([nested(one) for one in documents], indent=1),
        lines(documents[0], *map(nested, documents[1:])),
    ):
        assert read_with("ecs-json", text).flows == plain.flows


@pytest.mark.parametrize(
    "given",
    [
        {"event.category": ["authentication"]},
        {"event.kind": "alert"},
        {"event.type": ["connection", "protocol"]},
        {"source.ip": None},
        {"agent.type": "packetbeat", "event.dataset": "dns"},
        {"event.dataset": "network_traffic.http"},
        {"event.category": None, "network.transport": None},
    ],
)
def test_what_is_no_connection_is_counted(given: dict[str, Any], read_with: Callable[..., Any]) -> None:
    read = read_with("ecs-json", lines(flow(**given), flow()))
    assert (len(read.flows), read.ignored, read.rejects) == (1, 1, [])


def test_packetbeat_s_reports_of_a_flow_are_interim_and_count_frames(
    read_with: Callable[..., Any],
) -> None:
    beat = {
        "agent.type": "packetbeat",
        "event.dataset": "flow",
        "type": "flow",
        "event.category": ["network"],
        "flow.id": "EAT/////AP",
    }
    read = read_with(
        "ecs-json", lines(flow(**beat, **{"flow.final": False}), flow(**beat, **{"flow.final": True}))
    )
    assert [one["flags"] & Flag.OPEN for one in read.flows] == [Flag.OPEN, 0]
    assert {one["uid"] for one in read.flows} == {"EAT/////AP"}
    assert (read.flows[1]["bytes_out"], read.flows[1]["bytes_out_spread"]) == (780, 120)


@pytest.mark.parametrize(
    "given",
    [
        {"event.type": ["connection", "denied"]},
        {"event.type": "denied"},
        {"event.action": "Drop"},
        {"event.action": "reset-both"},
    ],
)
def test_what_a_gateway_denied(given: dict[str, Any], read_with: Callable[..., Any]) -> None:
    (one,) = read_with("ecs-json", lines(flow(**given))).flows
    assert one["state"] == State.DENIED


def test_states_that_are_told(read_with: Callable[..., Any]) -> None:
    text = lines(
        flow(**{"zeek.connection.state": "S0", "zeek.session_id": "C1"}),
        flow(**{"zeek.connection.state": "REJ"}),
        flow(**{"zeek.connection.state": "SF"}),
        flow(**{"network.transport": "udp"}),
        flow(**{"event.action": "client-rst"}),
    )
    flows = read_with("ecs-json", text).flows
    assert [one["state"] for one in flows] == [
        State.NO_REPLY,
        State.REJECTED,
        State.ESTABLISHED,
        State.ESTABLISHED,
        State.UNKNOWN,
    ]
    assert flows[0]["uid"] == "C1"


def test_netflow_and_cloud_records_are_one_way(read_with: Callable[..., Any]) -> None:
    reply = {
        "source.ip": "10.0.0.2",
        "source.port": 443,
        "source.bytes": None,
        "source.packets": None,
        "destination.ip": "10.0.0.1",
        "destination.port": 50_000,
        "destination.bytes": None,
        "destination.packets": None,
        "network.bytes": 700,
        "network.packets": 4,
        "network.transport": None,
        "network.iana_number": "6",
    }
    text = lines(
        flow(**reply, **{"netflow.type": "netflow_flow", "netflow.tcp_control_bits": 18}),
        flow(**reply, **{"event.dataset": "aws.vpcflow", "event.type": ["connection", "denied"]}),
        flow(**reply),
    )
    first, second, both = read_with("ecs-json", text).flows
    assert first["flags"] == Flag.ONE_WAY | Flag.REVERSED | Flag.SYN_ACK
    assert (first["src"], first["bytes_in"], first["packets_in"]) == ("10.0.0.1", 700, 4)
    assert (second["state"], second["flags"]) == (State.DENIED, Flag.ONE_WAY | Flag.REVERSED)
    assert (both["bytes_out"], both["bytes_out_spread"], both["flags"]) == (0, 700, Flag.SUMMED)


@pytest.mark.parametrize(
    ("given", "begins", "lasts"),
    [
        ({"event.end": None, "event.duration": 4_000_000_000}, 0, 4),
        ({"event.start": None, "event.duration": 4_000_000_000}, 5.5, 4),
        ({"event.start": None, "event.end": None}, 10, 0),
        ({"event.start": None, "event.end": None, "event.duration": 4_000_000_000}, 6, 4),
        ({"event.start": None, "event.end": None, "event.type": "start"}, 10, 0),
        ({"event.start": 1_709_251_201_000, "event.end": None}, 1, 0),
    ],
)
def test_times(
    given: dict[str, Any], begins: float, lasts: float, read_with: Callable[..., Any]
) -> None:
    (one,) = read_with("ecs-json", lines(flow(**given))).flows
    assert one["start"] - datetime(2024, 3, 1, tzinfo=UTC) == timedelta(seconds=begins)
    assert one["end"] - one["start"] == timedelta(seconds=lasts)


def test_bad_documents_have_a_reason(read_with: Callable[..., Any]) -> None:
    text = lines(
        flow(**{"source.ip": "nobody"}),
        flow(**{"network.transport": "carrier-pigeon"}),
        flow(**{"destination.port": None}),
        flow(**{"source.bytes": "many"}),
    )
    read = read_with("ecs-json", text + "{\n" + lines(flow()))
    assert len(read.flows) == 1
    assert read.reasons == {
        1: "source.ip is no address",
        2: "network.transport is no known protocol",
        3: "destination.port is missing or no port",
        4: "source.bytes is no whole number",
        5: "is no JSON object",
    }


def test_the_device_stands_beside_the_flows(read_with: Callable[..., Any]) -> None:
    text = lines(flow(), nested(flow(**{"observer.name": "fw2"})))
    found = read_with("ecs-json", text, fields=["observer.name"]).fields
    assert found == [{"observer.name": "fw1"}, {"observer.name": "fw2"}]


def test_detection() -> None:
    assert EcsJson().detect(lines(flow()).encode()) == 85
    assert EcsJson().detect(json.dumps([{"_source": nested(flow())}]).encode()) == 85
    assert EcsJson().detect(lines(flow(**{"source.ip": None})).encode()) == 45
    assert EcsJson().detect(b'{"@timestamp": "2024-03-01T00:00:00Z", "message": "x"}\n') == 0
