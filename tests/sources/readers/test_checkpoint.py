"""Check Point in each of its notations, and what is no connection."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from sekisho.model.flows import Flag, State
from sekisho.sources.readers.checkpoint import Checkpoint

WHOLE = {
    "action": "Accept",
    "loguid": "{0x1,0x2}",
    "product": "VPN-1 & FireWall-1",
    "time": "1709251200",
    "src": "10.0.0.1",
    "dst": "10.9.0.1",
    "proto": "6",
    "s_port": "50000",
    "service": "443",
}
HEADER = "<134>1 2024-03-01T00:00:05Z gw CheckPoint 77 - "
ENDS = [("10.0.0.1", 50000, "10.9.0.1", 443)]


def line(**changed: str | None) -> str:
    values = {key: value for key, value in (WHOLE | changed).items() if value is not None}
    return HEADER + "[" + "; ".join(f'{key}:"{value}"' for key, value in values.items()) + "]\n"


BARS = "Mar  1 00:00:00 gw " + "|".join(f"{key}={value}" for key, value in WHOLE.items()) + "\n"
CEF = (
    "<134>Mar  1 00:00:00 gw CEF:0|Check Point|VPN-1 & FireWall-1|Check Point|Log|https|Unknown|act=Accept"
    " rt=1709251200000 spt=50000 dpt=443 cs2Label=Rule Name cs2=a b src=10.0.0.1 dst=10.9.0.1 proto=6"
    " loguid={0x1,0x2}\n"
)
LEEF = (
    "LEEF:2.0|Check Point|VPN-1 & FireWall-1|1.0|Accept|\tdevTime=1709251200\tsrc=10.0.0.1\tdst=10.9.0.1"
    "\tsrcPort=50000\tdstPort=443\tproto=6\taction=Accept\tloguid={0x1,0x2}\n"
)


@pytest.mark.parametrize("text", [line(), BARS, CEF, LEEF])
def test_each_notation_says_the_same(text: str, read_with: Callable[..., Any]) -> None:
    assert Checkpoint().detect(text.encode()) == 88
    read = read_with("checkpoint", text)
    flow = read.flows[0]
    assert read.ends == ENDS
    assert flow["start"] == datetime(2024, 3, 1, tzinfo=UTC)
    assert (flow["uid"], flow["protocol"]) == ("{0x1,0x2}", 6)
    assert (State(flow["state"]), flow["flags"]) == (State.UNKNOWN, Flag.BYTES_UNKNOWN)


@pytest.mark.parametrize("action", ["Drop", "Reject", "Block", "Prevent"])
def test_what_was_stopped_is_denied(action: str, read_with: Callable[..., Any]) -> None:
    assert State(read_with("checkpoint", line(action=action)).flows[0]["state"]) == State.DENIED


def test_accounting_gives_volume_and_length(read_with: Callable[..., Any]) -> None:
    text = line(
        client_inbound_bytes="900",
        server_inbound_bytes="5000",
        client_inbound_packets="8",
        server_inbound_packets="9",
        elapsed="0:01:30",
    )
    flow = read_with("checkpoint", text).flows[0]
    assert (flow["bytes_out"], flow["bytes_in"]) == (900, 5000)
    assert (flow["packets_out"], flow["packets_in"]) == (8, 9)
    assert flow["end"] - flow["start"] == timedelta(seconds=90)
    assert flow["flags"] == 0
    both = read_with("checkpoint", line(bytes="700", elapsed="5")).flows[0]
    assert (both["bytes_out"], both["bytes_out_spread"], both["flags"]) == (0, 700, Flag.SUMMED)


def test_time_may_be_that_of_the_header(read_with: Callable[..., Any]) -> None:
    for text in (line(time=None), line(time="2024-03-01T00:00:05Z"), line(time="1709251205000")):
        assert read_with("checkpoint", text).flows[0]["start"] == datetime(
            2024, 3, 1, 0, 0, 5, tzinfo=UTC
        )


def test_what_is_no_connection_is_no_flow_and_garbage_is_set_aside(
    read_with: Callable[..., Any],
) -> None:
    quiet = line(action="Key Install") + line(src=None) + "\n"
    bad = ["hello\n", line(src="host"), line(service="https"), line(proto="x"), line(rule='a"b')]
    read = read_with("checkpoint", quiet + "".join(bad) + line())
    assert (len(read.flows), read.ignored) == (1, 3)
    assert list(read.reasons) == [4, 5, 6, 7, 8]
    assert "service is no whole number" in read.reasons[6]


def test_what_somebody_else_wrote_cannot_write_fields(read_with: Callable[..., Any]) -> None:
    hostile = [
        line().replace("[", '[resource:"x; src:1.1.1.1"; msg:"a \\" src:\\"1.1.1.1\\""; ', 1),
        BARS.replace("action=", "resource=http://x/? src=1.1.1.1|action="),
        CEF.replace("act=", "request=http://x/? src\\=1.1.1.1 act="),
        LEEF.replace("\tsrc=", "\turl=http://x/? src=1.1.1.1\tsrc="),
    ]
    assert read_with("checkpoint", "".join(hostile)).ends == ENDS * 4


def test_fields_for_match(read_with: Callable[..., Any]) -> None:
    read = read_with("checkpoint", line(origin="192.0.2.9"), fields=["origin", "inzone"])
    assert read.fields == [{"origin": "192.0.2.9", "inzone": None}]


def test_detection() -> None:
    assert Checkpoint().detect(b"CEF:0|Other|x|1|2|3|4|src=1.1.1.1\n") == 0


def test_real_lines(shared_data: Path, read_with: Callable[..., Any]) -> None:
    raw = (shared_data / "formats" / "elastic" / "checkpoint.log").read_text()
    read = read_with("checkpoint", raw)
    assert read.ends == [
        ("192.168.1.100", 43103, "192.168.1.153", 514),
        ("81.2.69.144", 52780, "81.2.69.144", 80),
    ]
    assert [State(flow["state"]) for flow in read.flows] == [State.UNKNOWN, State.DENIED]
    assert read.flows[1]["start"] == datetime(2021, 5, 5, 12, 27, 9, tzinfo=UTC)
