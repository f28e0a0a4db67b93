"""FortiGate traffic: pairs in any order, both spellings of time, interim records, states."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from sekisho.model.flows import Flag, State
from sekisho.sources.readers.fortigate_traffic import FortigateTraffic

WHOLE = {
    "date": "2024-03-01",
    "time": "09:00:10",
    "devid": '"F1"',
    "logid": '"0000000013"',
    "type": '"traffic"',
    "vd": '"root"',
    "eventtime": "1709251210000000000",
    "srcip": "10.0.0.1",
    "srcport": "50000",
    "dstip": "10.9.0.1",
    "dstport": "443",
    "sessionid": "77",
    "proto": "6",
    "action": '"close"',
    "duration": "10",
    "sentbyte": "1000",
    "rcvdbyte": "2000",
    "sentpkt": "8",
    "rcvdpkt": "7",
}


def line(header: str = "<189>", **changed: str | None) -> str:
    return header + " ".join(f"{k}={v}" for k, v in (WHOLE | changed).items() if v is not None) + "\n"


def test_a_record_is_written_at_its_end(read_with: Callable[..., Any]) -> None:
    read = read_with("fortigate-traffic", line(), fields=["devid", "policyid"])
    flow = read.flows[0]
    assert read.ends == [("10.0.0.1", 50000, "10.9.0.1", 443)]
    assert flow["start"] == datetime(2024, 3, 1, tzinfo=UTC)
    assert flow["end"] - flow["start"] == timedelta(seconds=10)
    assert (flow["bytes_out"], flow["bytes_in"], flow["packets_in"]) == (1000, 2000, 7)
    assert (State(flow["state"]), flow["uid"]) == (State.ESTABLISHED, "F1/root/77")
    assert read.fields == [{"devid": "F1", "policyid": None}]


@pytest.mark.parametrize(
    ("changed", "hour"),
    [
        ({"eventtime": "1709251210"}, 0),
        ({"eventtime": None, "tz": '"-0500"'}, 14),
        ({"eventtime": None}, 0),
    ],
)
def test_time_in_seconds_or_of_the_device(
    changed: dict[str, str | None], hour: int, read_with: Callable[..., Any]
) -> None:
    flow = read_with("fortigate-traffic", line(**changed), timezone="Asia/Tokyo").flows[0]
    assert flow["start"] == datetime(2024, 3, 1, hour, tzinfo=UTC)


@pytest.mark.parametrize(
    "header", ["", "Mar  1 09:00:00 fw ", "<13>1 2024-03-01T09:00:00Z fw - - - - "]
)
def test_any_header_and_any_order(header: str, read_with: Callable[..., Any]) -> None:
    mixed = header + " ".join(f"{key}={value}" for key, value in reversed(WHOLE.items())) + "\r\n"
    assert read_with("fortigate-traffic", mixed).ends == [("10.0.0.1", 50000, "10.9.0.1", 443)]


@pytest.mark.parametrize(
    ("changed", "state", "flags"),
    [
        ({"action": '"deny"'}, State.DENIED, 0),
        ({"action": "client-rst"}, State.ESTABLISHED, Flag.RESET),
        ({"action": "server-rst", "rcvdpkt": "1"}, State.REJECTED, Flag.RESET),
        ({"action": "client-rst", "rcvdpkt": "1"}, State.UNKNOWN, Flag.RESET),
        ({"action": "timeout", "rcvdpkt": "0", "rcvdbyte": "0"}, State.NO_REPLY, 0),
        ({"proto": "17", "action": "accept", "rcvdpkt": "1"}, State.ESTABLISHED, 0),
        ({"action": "accept", "logid": '"0000000020"'}, State.ESTABLISHED, Flag.OPEN),
        (
            {"action": "start", "rcvdpkt": "0", "rcvdbyte": "0"},
            State.UNKNOWN,
            Flag.OPEN,
        ),
        (
            {"action": "ip-conn", "sentbyte": None, "rcvdbyte": None, "sentpkt": None, "rcvdpkt": None},
            State.NO_REPLY,
            Flag.BYTES_UNKNOWN,
        ),
    ],
)
def test_states(
    changed: dict[str, str | None], state: State, flags: int, read_with: Callable[..., Any]
) -> None:
    flow = read_with("fortigate-traffic", line(**changed)).flows[0]
    assert (State(flow["state"]), flow["flags"]) == (state, flags)


def test_updates_of_a_session_share_its_uid(read_with: Callable[..., Any]) -> None:
    interim = line(logid='"0000000020"', action="accept", sentbyte="500")
    flows = read_with("fortigate-traffic", interim + line() + line(sessionid="0")).flows
    assert flows[0]["uid"] == flows[1]["uid"]
    assert flows[2]["uid"] is None


def test_icmp_and_application(read_with: Callable[..., Any]) -> None:
    ping = line(proto="1", srcport=None, dstport=None, service='"icmp/8/0"')
    web = line(app='"Slack"', appcat='"Collaboration"')
    flows = read_with("fortigate-traffic", ping + web).flows
    assert (flows[0]["icmp"], flows[0]["dst_port"], flows[1]["service"]) == (2048, 0, "slack")


def test_other_types_are_no_flows_and_garbage_is_set_aside(read_with: Callable[..., Any]) -> None:
    text = line(type='"event"') + "\n" + "hello\n" + line(srcip="host") + line(user='"open')
    read = read_with("fortigate-traffic", text + line(eventtime=None, date=None) + line())
    assert (len(read.flows), read.ignored) == (1, 2)
    assert list(read.reasons) == [3, 4, 5, 6]
    assert "no type=" in read.reasons[3]
    assert "srcip is no address" in read.reasons[4]
    assert "quotes" in read.reasons[5]
    assert "start time" in read.reasons[6]


def test_a_name_that_somebody_chose_cannot_write_fields(read_with: Callable[..., Any]) -> None:
    hostile = line(header='<189>user="x srcip=1.1.1.1 action=deny" ')
    assert read_with("fortigate-traffic", hostile).ends == [("10.0.0.1", 50000, "10.9.0.1", 443)]


def test_detection() -> None:
    assert FortigateTraffic().detect(line().encode()) == 90
    assert FortigateTraffic().detect(line(type='"event"').encode()) == 0
    assert FortigateTraffic().detect(b"type=traffic src=1.1.1.1\n") == 0


def test_real_lines(shared_data: Path, read_with: Callable[..., Any]) -> None:
    raw = (shared_data / "formats" / "elastic" / "fortigate-traffic.log").read_text()
    read = read_with("fortigate-traffic", raw)
    assert read.rejects == []
    assert [State(flow["state"]) for flow in read.flows] == [
        State.DENIED,
        State.NO_REPLY,
        State.ESTABLISHED,
        State.NO_REPLY,
        State.NO_REPLY,
    ]
    assert read.flows[2]["end"].isoformat() == "2020-04-18T17:11:51.390385+00:00"
    assert (read.flows[2]["bytes_out"], read.flows[2]["bytes_in"]) == (438650, 65446)
    assert read.flows[3]["icmp"] == 256


def test_translated_ends_are_a_name_of_the_connection(read_with: Callable[..., Any]) -> None:
    """Source NAT stands beyond; of a virtual address the host behind it is meant."""
    text = (
        line(trandisp='"snat"', transip="192.0.2.9", transport="1024")
        + line(trandisp='"dnat"', tranip="10.8.0.8", tranport="8443")
        + line(trandisp='"noop"', transip="0.0.0.0", transport="0")
        + line(srcip="nowhere", transip="192.0.2.9", transport="1025")
    )
    read = read_with("fortigate-traffic", text, fields=["srcport"])
    assert read.values == [
        (1, "nat", "tcp 10.0.0.1:50000 > 10.9.0.1:443 as 192.0.2.9:1024 > 10.9.0.1:443 for 10 s"),
        (2, "nat", "tcp 10.0.0.1:50000 > 10.8.0.8:8443 as 10.0.0.1:50000 > 10.9.0.1:443 for 10 s"),
    ]
    assert read.name_fields == [{"srcport": "50000"}] * 2
    assert (len(read.flows), sorted(read.reasons)) == (3, [4])
