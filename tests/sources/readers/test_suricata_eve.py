"""Suricata's flow and netflow events among others."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from sekisho.model.flows import Flag, Orientation, State
from sekisho.sources.readers.suricata_eve import SuricataEve

FLOW: dict[str, Any] = {
    "pkts_toserver": 6,
    "pkts_toclient": 5,
    "bytes_toserver": 900,
    "bytes_toclient": 4000,
    "start": "2024-03-01T09:00:00.000001+0900",
    "end": "2024-03-01T09:00:10.500000+0900",
    "age": 10,
    "state": "closed",
    "reason": "timeout",
}


def event(kind: str = "flow", **more: Any) -> str:
    usual: dict[str, Any] = {
        "timestamp": "2024-03-01T09:05:00.000000+0900",
        "flow_id": 1_828_507_008_887_644,
        "event_type": kind,
        "src_ip": "10.0.0.1",
        "src_port": 50_000,
        "dest_ip": "10.0.0.2",
        "dest_port": 443,
        "proto": "TCP",
    }
    if kind == "flow":
        usual |= {"flow": FLOW | more.pop("flow", {}), "app_proto": "tls"}
    found = {key: value for key, value in (usual | more).items() if value is not None}
    return json.dumps(found) + "\n"


def flags(own: str, back: str) -> dict[str, Any]:
    return {"tcp": {"tcp_flags_ts": own, "tcp_flags_tc": back, "tcp_flags": "1f"}}


def test_a_flow_is_two_way_and_its_bytes_are_a_range(read_with: Callable[..., Any]) -> None:
    (flow,) = read_with("suricata-eve", event(**flags("1b", "1b"))).flows
    assert flow["start"] == datetime(2024, 3, 1, microsecond=1, tzinfo=UTC)
    assert flow["end"] == datetime(2024, 3, 1, 0, 0, 10, 500_000, tzinfo=UTC)
    assert (flow["src"], flow["dst"], flow["dst_port"], flow["protocol"]) == (
        "10.0.0.1",
        "10.0.0.2",
        443,
        6,
    )
    assert (flow["bytes_out"], flow["bytes_out_spread"]) == (780, 120)
    assert (flow["packets_out"], flow["packets_in"]) == (6, 5)
    assert (flow["uid"], flow["service"]) == ("1828507008887644", "tls")
    assert (flow["state"], flow["orientation"]) == (State.ESTABLISHED, Orientation.STATED)


def test_other_events_are_no_flows_and_counted(read_with: Callable[..., Any]) -> None:
    others = (
        event("alert") + event("dns", dns={"rrname": "x"}) + '{"event_type": "stats", "stats": {}}\n'
    )
    read = read_with("suricata-eve", others + event() + "\n")
    assert (len(read.flows), read.ignored, read.rejects) == (1, 3, [])
    assert read.values == [(2, "dns_query", "x")]


@pytest.mark.parametrize(
    ("own", "back", "state", "flag"),
    [
        ("1b", "1b", State.ESTABLISHED, 0),
        ("02", "", State.NO_REPLY, 0),
        ("02", "00", State.NO_REPLY, 0),
        ("02", "14", State.REJECTED, 0),
        ("06", "12", State.NO_REPLY, 0),
        ("18", "18", State.ESTABLISHED, Flag.MIDSTREAM),
    ],
)
def test_flags_tell_the_state(
    own: str, back: str, state: State, flag: int, read_with: Callable[..., Any]
) -> None:
    silent = {"flow": {"pkts_toclient": 0, "bytes_toclient": 0}} if back in ("", "00") else {}
    (flow,) = read_with("suricata-eve", event(**flags(own, back), **silent)).flows
    assert flow["state"] == state
    assert flow["flags"] & Flag.MIDSTREAM == flag


def test_without_flags_suricata_s_state_tells(read_with: Callable[..., Any]) -> None:
    text = (
        event(flow={"state": "established"})
        + event(flow={"state": "new", "pkts_toclient": 0, "bytes_toclient": 0})
        + event(flow={"state": "closed"})
        + event(proto="UDP", flow={"state": "established"})
        + event(proto="UDP", flow={"state": "new", "pkts_toclient": 0, "bytes_toclient": 0})
    )
    assert [flow["state"] for flow in read_with("suricata-eve", text).flows] == [
        State.ESTABLISHED,
        State.NO_REPLY,
        State.UNKNOWN,
        State.ESTABLISHED,
        State.NO_REPLY,
    ]


def test_what_an_inline_sensor_dropped_is_denied(read_with: Callable[..., Any]) -> None:
    text = event(flow={"action": "drop"}, **flags("1b", "1b")) + event(verdict={"action": "drop"})
    assert [f["state"] for f in read_with("suricata-eve", text).flows] == [State.DENIED, State.DENIED]


def test_icmp_and_names_of_protocols(read_with: Callable[..., Any]) -> None:
    ends = {"src_port": None, "dest_port": None}
    text = event(proto="ICMP", icmp_type=8, icmp_code=0, **ends) + event(
        proto="IPv6-ICMP", src_ip="fe80:0000:0000:0000:0000:0000:0000:0001", dest_ip="ff02::1", **ends
    )
    flows = read_with("suricata-eve", text).flows
    assert [(f["protocol"], f["icmp"], f["dst_port"]) for f in flows] == [(1, 2048, 0), (58, -1, 0)]
    assert flows[1]["src"] == "fe80::1"


def half(src: str, sport: int, dst: str, dport: int, tcp_flags: str = "1b") -> str:
    told = {"pkts": 5, "bytes": 600, "start": FLOW["start"], "end": FLOW["end"]}
    return event(
        "netflow",
        src_ip=src,
        src_port=sport,
        dest_ip=dst,
        dest_port=dport,
        netflow=told,
        tcp={"tcp_flags": tcp_flags},
    )


def test_netflow_events_are_one_way_and_both_halves_agree(read_with: Callable[..., Any]) -> None:
    text = half("10.0.0.1", 50_000, "10.0.0.2", 443) + half("10.0.0.2", 443, "10.0.0.1", 50_000)
    read = read_with("suricata-eve", text)
    assert read.ends == [("10.0.0.1", 50_000, "10.0.0.2", 443)] * 2
    assert all(flow["flags"] & Flag.ONE_WAY and flow["uid"] is None for flow in read.flows)
    assert not any(flow["flags"] & Flag.BYTES_UNKNOWN for flow in read.flows)
    assert [(f["packets_out"], f["packets_in"]) for f in read.flows] == [(5, 0), (0, 5)]
    (flow,) = read_with("suricata-eve", half("10.0.0.2", 443, "10.0.0.1", 50_000, "02")).flows
    assert (flow["src"], flow["orientation"]) == ("10.0.0.2", Orientation.HANDSHAKE)


def test_where_both_are_logged_netflow_is_ignored(read_with: Callable[..., Any]) -> None:
    text = (
        half("10.0.0.1", 50_000, "10.0.0.2", 443) + half("10.0.0.2", 443, "10.0.0.1", 50_000) + event()
    )
    read = read_with("suricata-eve", text)
    assert (len(read.flows), read.ignored) == (1, 2)
    assert read_with("suricata-eve", text, first_row=2).ignored == 1


def test_bad_events_have_a_reason(read_with: Callable[..., Any]) -> None:
    text = (
        event()
        + event(src_ip="nowhere")
        + event(flow={"start": "yesterday"})
        + event(dest_port=70_000)
        + event(flow={"bytes_toserver": -1})
        + "{\n"
    )
    read = read_with("suricata-eve", text)
    assert len(read.flows) == 1
    assert [why for _, why in sorted(read.reasons.items())] == [
        "src_ip is no address",
        "the start time is missing or no time",
        "dest_port is over 65535",
        "flow.bytes_toserver is no whole number",
        "is no JSON object",
    ]


def test_detection_is_by_events() -> None:
    assert SuricataEve().detect(event("alert").encode()) == 90
    assert SuricataEve().detect(b'{"timestamp":"x","event_type":"stats","stats":{}}\n') == 40
    assert SuricataEve().detect(b'{"event_type": 3}\n') == 0


def test_real_events(shared_data: Path, read_with: Callable[..., Any]) -> None:
    raw = (shared_data / "formats" / "elastic" / "suricata-eve-flow.json").read_text()
    plain = [json.loads(line) for line in raw.splitlines()]
    read = read_with("suricata-eve", raw)
    assert (len(read.flows), read.rejects) == (len(plain), [])
    for flow, one in zip(read.flows, plain, strict=True):
        assert flow["bytes_out"] + flow["bytes_out_spread"] == one["flow"]["bytes_toserver"]
        assert flow["start"] == datetime.fromisoformat(one["flow"]["start"])
        assert (flow["src_port"], flow["dst_port"]) == (one["src_port"], one["dest_port"])
    assert [flow["state"] for flow in read.flows] == [
        State.NO_REPLY,
        State.ESTABLISHED,
        State.ESTABLISHED,
    ]


@pytest.mark.parametrize("broken", ["", "rubbish\n"], ids=["at once", "line by line"])
def test_events_of_other_protocols_give_names(read_with: Callable[..., Any], broken: str) -> None:
    tls = {
        "sni": "WWW.X",
        "ja3": {"hash": "AA"},
        "ja3s": {"hash": "bb"},
        "ja4": "t13d",
        "fingerprint": "A1:b2",
    }
    text = event("tls", tls=tls) + event("http", http={"hostname": "h", "http_user_agent": "A/1"})
    back = {"src_port": 80, "dest_port": 50_000, "src_ip": "10.0.0.2", "dest_ip": "10.0.0.1"}
    text += event("fileinfo", fileinfo={"md5": "ff", "size": 5}, **back)
    text += event("dns", dns={"type": "query", "rrname": "Q.x"}, dest_port=53)
    text += event("tls", tls={"version": "TLS 1.3"}) + event() + broken
    read = read_with("suricata-eve", text)
    assert read.values == [
        (1, "sni", "www.x"),
        (1, "ja3", "aa"),
        (1, "ja3s", "bb"),
        (1, "ja4", "t13d"),
        (1, "certificate_sha1", "a1b2"),
        (2, "http_host", "h"),
        (2, "user_agent", "A/1"),
        (3, "md5", "ff"),
        (4, "dns_query", "q.x"),
    ]
    assert {(n["src"], n["dst"]) for n in read.names} == {("10.0.0.1", "10.0.0.2")}
    assert [n["dst_port"] for n in read.names[-4:]] == [443, 443, 80, 53]
    assert {n["uid"] for n in read.names} == {read.flows[0]["uid"]}
    assert read.names[0]["time"] == datetime(2024, 3, 1, 0, 5, tzinfo=UTC)
    assert (read.ignored, len(read.rejects)) == (1, int(bool(broken)))


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"src_ip": "x"}, "src_ip is no address"),
        ({"dest_port": "x"}, "src_port or dest_port is no port"),
        ({"dest_port": 70_000}, "dest_port is over 65535"),
        ({"timestamp": "noon"}, "the time is missing or no time"),
        ({"flow_id": "9" * 200}, "a uid is longer than 128 bytes"),
    ],
)
def test_names_that_cannot_be_placed_are_refused(
    read_with: Callable[..., Any], changes: dict[str, Any], reason: str
) -> None:
    read = read_with("suricata-eve", event() + event("tls", tls={"sni": "a"}, **changes) + "rubbish\n")
    assert read.reasons[2] == reason
    assert (len(read.flows), read.names) == (1, [])


def test_fields_that_sensors_select_by_stand_beside_names(read_with: Callable[..., Any]) -> None:
    text = event(host="a") + event("http", host="b", http={"hostname": "h", "http_user_agent": "u"})
    read = read_with("suricata-eve", text, fields=["host"])
    assert (read.fields, read.name_fields) == ([{"host": "a"}], [{"host": "b"}] * 2)
