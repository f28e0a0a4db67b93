"""ASA: connections put together from two messages, denials, and what a lone message tells."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sekisho.model.flows import Flag, Orientation, State
from sekisho.sources.base import ReadContext
from sekisho.sources.readers import cisco_asa
from sekisho.sources.readers.cisco_asa import CiscoAsa

NOW = datetime(2024, 6, 1, tzinfo=UTC)
IN, OUT = "outside:192.0.2.1/50000", "inside:10.0.0.9/443"


def said(number: str, body: str, at: str = "09:00:00", header: str = "Mar 01 2024 {} fw : ") -> str:
    return f"<166>{header.format(at)}%ASA-6-{number}: {body}\n"


def built(way: str = "inbound", proto: str = "TCP", number: int = 7, at: str = "09:00:00") -> str:
    ends = f"{IN} (192.0.2.1/50000) to {OUT} (198.51.100.9/443)"
    code = "302013" if proto == "TCP" else "302015"
    return said(code, f"Built {way} {proto} connection {number} for {ends}", at)


def gone(reason: str = " TCP FINs", data: int = 5000, proto: str = "TCP", number: int = 7) -> str:
    code = "302014" if proto == "TCP" else "302016"
    body = (
        f"Teardown {proto} connection {number} for {IN} to {OUT} duration 0:00:10 bytes {data}{reason}"
    )
    return said(code, body, "09:00:10")


def denied(body: str = f"Deny tcp src {IN} dst {OUT}") -> str:
    return said("106023", body + ' by access-group "outside_in" [0x0, 0x0]')


def access(verb: str, hits: str = "hit-cnt 1 first hit", at: str = "09:00:00") -> str:
    ends = "outside/192.0.2.1(50000) -> inside/10.0.0.9(443)"
    return said("106100", f"access-list acl {verb} tcp {ends} {hits} [0x0, 0x0]", at)


@pytest.mark.parametrize(
    ("way", "ends"),
    [
        ("inbound", ("192.0.2.1", 50000, "10.0.0.9", 443)),
        ("outbound", ("10.0.0.9", 443, "192.0.2.1", 50000)),
    ],
)
def test_built_and_torn_down_are_one_flow(
    way: str, ends: tuple[Any, ...], read_with: Callable[..., Any]
) -> None:
    read = read_with("cisco-asa", built(way) + gone(), timezone="Asia/Tokyo")
    flow = read.flows[0]
    assert (read.ends, read.ignored, flow["row"]) == ([ends], 1, 2)
    assert flow["start"] == datetime(2024, 3, 1, tzinfo=UTC)
    assert flow["end"] - flow["start"] == timedelta(seconds=10)
    assert (State(flow["state"]), flow["orientation"]) == (State.ESTABLISHED, Orientation.STATED)
    assert flow["uid"] == "fw/7"


def test_one_count_for_both_directions_is_a_range_from_nothing_to_all(
    read_with: Callable[..., Any],
) -> None:
    flow = read_with("cisco-asa", built() + gone(data=5000)).flows[0]
    assert flow["flags"] == Flag.SUMMED
    for way in ("out", "in"):
        assert flow[f"bytes_{way}"] == 0
        assert 5000 <= flow[f"bytes_{way}_spread"] < 1.6 * 5000


@pytest.mark.parametrize(
    ("way", "reason", "data", "state", "flags"),
    [
        ("inbound", " TCP FINs", 0, State.ESTABLISHED, 0),
        ("inbound", " SYN Timeout", 0, State.NO_REPLY, 0),
        ("inbound", " TCP Reset-O", 900, State.ESTABLISHED, Flag.RESET | Flag.SUMMED),
        ("inbound", " TCP Reset-I", 0, State.REJECTED, Flag.RESET),
        ("inbound", " TCP Reset-O", 0, State.UNKNOWN, Flag.RESET),
        ("outbound", " TCP Reset-O", 0, State.REJECTED, Flag.RESET),
        ("inbound", " Flow closed by inspection", 0, State.DENIED, Flag.RESET),
        ("inbound", " TCP FINs from outside (user)", 9, State.ESTABLISHED, Flag.SUMMED),
    ],
)
def test_states_of_tcp(
    way: str, reason: str, data: int, state: State, flags: int, read_with: Callable[..., Any]
) -> None:
    flow = read_with("cisco-asa", built(way) + gone(reason, data)).flows[0]
    assert (State(flow["state"]), flow["flags"]) == (state, flags)


@pytest.mark.parametrize(("data", "state"), [(148, State.UNKNOWN), (8192, State.ESTABLISHED)])
def test_udp_is_established_only_where_one_way_must_have_had_enough(
    data: int, state: State, read_with: Callable[..., Any]
) -> None:
    text = built(proto="UDP") + gone("", data, proto="UDP")
    assert State(read_with("cisco-asa", text).flows[0]["state"]) == state


def test_a_connection_still_open_is_given_at_the_end_and_finished_under_its_uid(
    read_with: Callable[..., Any],
) -> None:
    early = read_with("cisco-asa", built())
    assert early.flows[0]["flags"] == Flag.OPEN | Flag.BYTES_UNKNOWN
    late = read_with("cisco-asa", built() + gone(), first_row=2)
    assert [flow["uid"] for flow in early.flows + late.flows] == ["fw/7"] * 2
    assert late.ignored == 0, "its first message was counted before"


def test_the_last_message_alone_leaves_the_initiator_to_the_ports(
    read_with: Callable[..., Any],
) -> None:
    read = read_with("cisco-asa", gone())
    flow = read.flows[0]
    assert read.ends == [("192.0.2.1", 50000, "10.0.0.9", 443)]
    assert flow["flags"] & Flag.MIDSTREAM
    assert flow["orientation"] == Orientation.KNOWN_SERVICE
    assert flow["end"] - flow["start"] == timedelta(seconds=10)


def test_a_number_given_again_joins_nothing(read_with: Callable[..., Any]) -> None:
    other = gone().replace("10.0.0.9", "10.0.0.8")
    read = read_with("cisco-asa", built() + built(at="09:00:05") + other)
    assert sorted(flow["row"] for flow in read.flows) == [1, 2, 3]
    assert read.ignored == 0


def test_what_waits_is_bounded(read_with: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cisco_asa, "MOST_OPEN", 3)
    read = read_with("cisco-asa", "".join(built(number=n) for n in range(10)))
    assert sorted(flow["row"] for flow in read.flows) == list(range(1, 11))


def test_denials(read_with: Callable[..., Any]) -> None:
    icmp = "Deny icmp src outside:192.0.2.1 dst inside:10.0.0.9 (type 8, code 0)"
    other = "Deny protocol 47 src outside:192.0.2.1 dst inside:10.0.0.9"
    flows = read_with("cisco-asa", denied() + denied(icmp) + denied(other)).flows
    assert {State(flow["state"]) for flow in flows} == {State.DENIED}
    assert [(flow["protocol"], flow["icmp"]) for flow in flows] == [(6, -1), (1, 2048), (47, -1)]


def test_hits_of_an_interval_are_packets_of_one_denied_flow(read_with: Callable[..., Any]) -> None:
    text = access("denied") + access("denied", "hit-cnt 40 300-second interval", "09:05:00")
    flows = read_with("cisco-asa", text).flows
    assert [flow["packets_out"] for flow in flows] == [1, 40]
    assert flows[1]["end"] - flows[1]["start"] == timedelta(minutes=5)
    assert {State(flow["state"]) for flow in flows} == {State.DENIED}


def test_a_permit_counts_only_where_its_connection_is_not_logged(
    read_with: Callable[..., Any],
) -> None:
    interval = access("permitted", "hit-cnt 9 300-second interval", "09:05:00")
    followed = read_with("cisco-asa", access("permitted") + built() + gone() + interval)
    assert (len(followed.flows), followed.ignored) == (1, 3)
    alone = read_with("cisco-asa", access("permitted"))
    assert alone.flows[0]["flags"] == Flag.OPEN | Flag.BYTES_UNKNOWN


def test_other_messages_are_no_flows_and_garbage_is_set_aside(read_with: Callable[..., Any]) -> None:
    bad = [
        "hello\n",
        denied(f"Deny tcp src outside:host/1 dst {OUT}"),
        denied(f"Deny tcp src {IN}"),
        denied(f"Deny tcp src outside:192.0.2.1/99999 dst {OUT}"),
        denied().replace("Mar 01 2024 09:00:00 fw", "fw"),
        gone(data=10**19),
    ]
    quiet = said("305011", "Built dynamic TCP translation") + "<189>1: %LINK-3-UPDOWN: x\n\n"
    read = read_with("cisco-asa", quiet + "".join(bad) + denied())
    assert (len(read.flows), read.ignored) == (1, 3)
    assert list(read.reasons) == [4, 5, 6, 7, 8, 9]
    assert "Cisco" in read.reasons[4]
    assert "host is no address" in read.reasons[5]
    assert "does not read" in read.reasons[6]
    assert "65535" in read.reasons[7]
    assert "no time" in read.reasons[8]


def test_the_device_is_told_by_its_name_for_match(read_with: Callable[..., Any]) -> None:
    read = read_with("cisco-asa", denied(), fields=["host", "message", "other"])
    assert read.fields == [{"host": "fw", "message": "106023", "other": None}]


def test_detection() -> None:
    assert CiscoAsa().detect(denied().encode()) == 90
    assert CiscoAsa().detect(said("305011", "x").encode()) == 50
    assert CiscoAsa().detect(b"<189>1: %LINK-3-UPDOWN: x\n") == 0


def test_real_lines(shared_data: Path, read_with: Callable[..., Any]) -> None:
    raw = (shared_data / "formats" / "elastic" / "cisco-asa.log").read_text()
    read = read_with("cisco-asa", raw)
    assert (read.rejects, len(read.flows), read.ignored) == ([], 7, 4)
    by_row = {flow["row"]: flow for flow in read.flows}
    assert (by_row[8]["src"], by_row[8]["dst_port"]) == ("172.31.98.44", 80), (
        "outbound: the second opened"
    )
    assert State(by_row[4]["state"]) == State.NO_REPLY
    assert State(by_row[11]["state"]) == State.DENIED


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.booleans(), st.integers(1, 4)), max_size=20), st.integers(1, 22))
def test_nothing_is_lost_or_doubled_wherever_reading_stops_and_goes_on(
    said_of: list[tuple[bool, int]], stop: int
) -> None:
    """Whatever began and ended: each number's last word stands, and every line is accounted for."""
    lines = [built(number=n) if begins else gone(number=n) for begins, n in said_of]

    def flows_of(text: list[str], first_row: int) -> tuple[list[dict[str, Any]], int]:
        stream = io.BytesIO("".join(text).encode())
        batches = list(CiscoAsa().read(stream, ReadContext("UTC", 1, NOW, first_row)))
        table = pa.concat_tables([batch.flows for batch in batches])
        return table.to_pylist(), sum(batch.ignored for batch in batches)

    whole, ignored = flows_of(lines, 1)
    assert len(whole) + ignored == len(lines)
    early, early_ignored = flows_of(lines[: stop - 1], 1)
    late, late_ignored = flows_of(lines, stop)
    assert late == [flow for flow in whole if flow["row"] >= stop]
    assert len(early) + early_ignored + len(late) + late_ignored == len(lines)
    given_at_all = {flow["uid"] for flow in early} | {flow["uid"] for flow in late}
    assert given_at_all == {flow["uid"] for flow in whole}


def test_mapped_ends_are_a_name_of_the_connection(read_with: Callable[..., Any]) -> None:
    """What stands in brackets stands for the real end on the other side; the last message bears it."""
    read = read_with("cisco-asa", built() + gone())
    assert read.values == [
        (2, "nat", "tcp 192.0.2.1:50000 > 10.0.0.9:443 as 192.0.2.1:50000 > 198.51.100.9:443 for 10 s")
    ]
    assert len(read.flows) == 1
    turned = read_with("cisco-asa", built("outbound").replace("(192.0.2.1/50000)", "(user) (x)"))
    assert turned.values == [
        (1, "nat", "tcp 10.0.0.9:443 > 192.0.2.1:50000 as 198.51.100.9:443 > 192.0.2.1:50000 for 0 s")
    ]
