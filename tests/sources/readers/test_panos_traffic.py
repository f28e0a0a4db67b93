"""PAN-OS TRAFFIC: positions behind any header, states, sessions that count once, frames as packets."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from sekisho.model.flows import Flag, State
from sekisho.sources.readers.panos_traffic import PanosTraffic


def line(
    subtype: str = "end",
    *,
    header: str = "<14>Mar  1 18:00:00 pa-1 ",
    src: str = "10.0.0.1",
    app: str = "ssl",
    proto: str = "tcp",
    action: str = "allow",
    volume: str = "3000,1000,2000,15",
    packets: str = "8,7",
    reason: str = "tcp-fin",
    session: int = 77,
    user: str = "",
    tail: str = "",
) -> str:
    at = "2024/03/01 09:00:00"
    return (
        f"{header}1,{at},0128,TRAFFIC,{subtype},2049,2024/03/01 09:00:12,{src},10.9.0.1,192.0.2.1,,rule,"
        f"{user},,{app},vsys1,trust,untrust,e1,e2,set,{at},{session},1,50000,443,0,0,0x0,{proto},{action},"
        f"{volume},{at},10,any,0,1,0x0,a,b,0,{packets},{reason}{tail}\n"
    )


def test_positions_times_and_ends(read_with: Callable[..., Any]) -> None:
    read = read_with("panos-traffic", line(), timezone="Asia/Tokyo", fields=["from", "natsrc"])
    flow = read.flows[0]
    assert read.ends == [("10.0.0.1", 50000, "10.9.0.1", 443)]
    assert flow["start"] == datetime(2024, 3, 1, tzinfo=UTC)
    assert flow["end"] - flow["start"] == timedelta(seconds=10)
    assert (flow["packets_out"], flow["packets_in"], flow["service"]) == (8, 7, "ssl")
    assert read.fields == [{"from": "trust", "natsrc": "192.0.2.1"}]


@pytest.mark.parametrize(
    "header",
    ["", "<14>", "<14>1 2024-03-01T09:00:00Z pa-1 - - - - ", "Mar  1 09:00:00 a,b,c: ", "231 <14>x "],
)
def test_any_header_may_stand_before_it(header: str, read_with: Callable[..., Any]) -> None:
    read = read_with("panos-traffic", line(header=header, tail=",1,2,3,4,5"))
    assert read.ends == [("10.0.0.1", 50000, "10.9.0.1", 443)]
    assert read.rejects == []


def test_frames_become_a_range_that_holds_the_packets(read_with: Callable[..., Any]) -> None:
    """A ping of 84 bytes is logged with 98; a lone ACK of 40 with 60."""
    flow = read_with("panos-traffic", line(proto="icmp", volume="648,588,60,7", packets="6,1")).flows[0]
    for way, true in (("out", 6 * 84), ("in", 40)):
        low, spread = flow[f"bytes_{way}"], flow[f"bytes_{way}_spread"]
        assert low <= true <= low + spread < 1.6 * low


@pytest.mark.parametrize(
    ("changed", "state", "flags"),
    [
        ({}, State.ESTABLISHED, 0),
        ({"reason": "tcp-rst-from-client"}, State.ESTABLISHED, Flag.RESET),
        ({"reason": "threat"}, State.ESTABLISHED, Flag.RESET),
        ({"reason": "policy-deny"}, State.DENIED, 0),
        ({"subtype": "drop"}, State.DENIED, 0),
        ({"subtype": "deny"}, State.DENIED, 0),
        ({"action": "reset-both"}, State.DENIED, 0),
        ({"action": "drop-icmp"}, State.DENIED, 0),
        ({"packets": "3,0", "volume": "222,222,0,3"}, State.NO_REPLY, 0),
        ({"packets": "1,1", "reason": "tcp-rst-from-server"}, State.REJECTED, Flag.RESET),
        ({"app": "incomplete"}, State.UNKNOWN, 0),
        ({"subtype": "start", "packets": "1,0", "volume": "74,74,0,1"}, State.UNKNOWN, Flag.OPEN),
        ({"proto": "udp", "packets": "1,1"}, State.ESTABLISHED, 0),
        ({"app": "non-syn-tcp"}, State.ESTABLISHED, Flag.MIDSTREAM),
    ],
)
def test_states(
    changed: dict[str, str], state: State, flags: int, read_with: Callable[..., Any]
) -> None:
    flow = read_with("panos-traffic", line(**changed)).flows[0]
    assert (State(flow["state"]), flow["flags"]) == (state, flags)


def test_start_and_end_of_a_session_share_a_uid_and_others_have_none_or_another(
    read_with: Callable[..., Any],
) -> None:
    text = line("start") + line() + line(session=78) + line("drop", session=0)
    uids = [flow["uid"] for flow in read_with("panos-traffic", text).flows]
    assert uids[0] == uids[1] != uids[2]
    assert uids[3] is None


def test_other_types_are_no_flows_and_garbage_is_set_aside(read_with: Callable[..., Any]) -> None:
    threat = line().replace("TRAFFIC", "THREAT")
    broken = [
        "hello\n",
        line()[:120] + "\n",
        line(src="host"),
        line("begin"),
        line(user='"open'),
        line(volume="9,x,3,1"),
    ]
    read = read_with("panos-traffic", threat + "\n" + "".join(broken) + line())
    assert (len(read.flows), read.ignored) == (1, 2)
    assert list(read.reasons) == [3, 4, 5, 6, 7, 8]
    assert "no PAN-OS log record" in read.reasons[3]
    assert "cut off" in read.reasons[4]
    assert "src is no address" in read.reasons[5]
    assert "subtype" in read.reasons[6]
    assert "bytes_sent is no whole number" in read.reasons[8]


def test_a_user_cannot_write_fields(read_with: Callable[..., Any]) -> None:
    hostile = line(user='"a, 1,2024/01/01 00:00:00,9,TRAFFIC,end,""x"" 1.1.1.1"')
    read = read_with("panos-traffic", hostile)
    assert read.ends == [("10.0.0.1", 50000, "10.9.0.1", 443)]


def test_detection() -> None:
    assert PanosTraffic().detect(line().encode()) == 90
    assert PanosTraffic().detect(line().replace("TRAFFIC", "THREAT").encode()) == 0


def test_real_lines(shared_data: Path, read_with: Callable[..., Any]) -> None:
    raw = (shared_data / "formats" / "elastic" / "paloalto-traffic.log").read_text()
    read = read_with("panos-traffic", raw)
    assert read.rejects == []
    for flow, text in zip(read.flows, raw.splitlines(), strict=True):
        cells = text.split(",")
        assert (flow["src"], flow["dst"], flow["src_port"]) == (cells[7], cells[8], int(cells[24]))
        assert flow["bytes_out"] + flow["bytes_out_spread"] == int(cells[32])
        assert flow["packets_in"] == int(cells[45])
    denied = [State(flow["state"]) == State.DENIED for flow in read.flows]
    assert denied == [False] * 5 + [True] * 2


def test_translated_ends_are_a_name_of_the_connection(read_with: Callable[..., Any]) -> None:
    none = line().replace("192.0.2.1", "0.0.0.0")
    mapped = line().replace(",50000,443,0,0,", ",50000,443,1024,443,")
    assert read_with("panos-traffic", none + mapped).values == [
        (2, "nat", "tcp 10.0.0.1:50000 > 10.9.0.1:443 as 192.0.2.1:1024 > 10.9.0.1:443 for 10 s")
    ]
