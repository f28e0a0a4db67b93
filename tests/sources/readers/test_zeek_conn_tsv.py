"""Zeek's tab-separated conn.log, as sensors write it and as it arrives damaged."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from sekisho.model.flows import Flag, Orientation, State
from sekisho.sources.readers.zeek_conn_tsv import ZeekConnTsv

FIELDS = [
    "ts",
    "uid",
    "id.orig_h",
    "id.orig_p",
    "id.resp_h",
    "id.resp_p",
    "proto",
    "service",
    "duration",
    "orig_bytes",
    "resp_bytes",
    "conn_state",
    "missed_bytes",
    "history",
    "orig_pkts",
    "orig_ip_bytes",
    "resp_pkts",
    "resp_ip_bytes",
]
TOP = "#separator \\x09\n#unset_field\t-\n#empty_field\t(empty)\n#path\tconn\n"
HEADER = TOP + "#fields\t" + "\t".join(FIELDS) + "\n"
USUAL = {
    "ts": "1709251200.000001",
    "uid": "C1",
    "id.orig_h": "10.0.0.1",
    "id.orig_p": "50000",
    "id.resp_h": "10.0.0.2",
    "id.resp_p": "443",
    "proto": "tcp",
    "service": "ssl",
    "duration": "1.500000",
    "orig_bytes": "100",
    "resp_bytes": "200",
    "conn_state": "SF",
    "missed_bytes": "0",
    "history": "ShADadFf",
    "orig_pkts": "5",
    "orig_ip_bytes": "300",
    "resp_pkts": "5",
    "resp_ip_bytes": "400",
}


def line(**changes: str) -> str:
    values = USUAL | {key.replace("id_", "id.", 1): value for key, value in changes.items()}
    return "\t".join(values[name] for name in FIELDS) + "\n"


def one(read_with: Callable[..., Any], **changes: str) -> dict[str, Any]:
    read = read_with("zeek-conn-tsv", HEADER + line(**changes))
    assert read.rejects == []
    flow: dict[str, Any] = read.flows[0]
    return flow


def test_a_record_becomes_a_flow_to_the_microsecond(read_with: Callable[..., Any]) -> None:
    flow = one(read_with)
    assert flow["start"] == datetime(2024, 3, 1, microsecond=1, tzinfo=UTC)
    assert flow["end"] - flow["start"] == timedelta(seconds=1.5)
    assert (flow["src"], flow["src_port"], flow["dst"], flow["dst_port"], flow["protocol"]) == (
        "10.0.0.1", 50000, "10.0.0.2", 443, 6,
    )  # fmt: skip
    assert (flow["bytes_out"], flow["bytes_in"]) == (300, 400)
    assert (flow["payload_out"], flow["payload_in"], flow["packets_out"]) == (100, 200, 5)
    assert (flow["service"], flow["uid"], flow["row"]) == ("ssl", "C1", 6)
    assert (flow["state"], flow["orientation"]) == (State.ESTABLISHED, Orientation.STATED)


@pytest.mark.parametrize(
    ("state", "history", "expected"),
    [
        ("SF", "ShADadFf", State.ESTABLISHED),
        ("S1", "ShA", State.ESTABLISHED),
        ("RSTO", "ShAR", State.ESTABLISHED),
        ("S0", "S", State.NO_REPLY),
        ("REJ", "Sr", State.REJECTED),
        ("RSTOS0", "SR", State.NO_REPLY),
        ("SH", "SF", State.NO_REPLY),
        ("OTH", "DadA", State.ESTABLISHED),
        ("OTH", "C", State.UNKNOWN),
    ],
)
def test_states_of_tcp(
    state: str, history: str, expected: State, read_with: Callable[..., Any]
) -> None:
    flow = one(read_with, conn_state=state, history=history, orig_bytes="0", resp_bytes="0")
    assert State(flow["state"]) is expected


@pytest.mark.parametrize(
    ("state", "history", "expected"),
    [
        ("RSTO", "ShADaR", True),
        ("RSTOS0", "SADR", True),
        ("RSTOS0", "-", True),
        ("RSTRH", "-", True),
        ("OTH", "DR", True),
        ("SH", "SADF", False),
        ("OTH", "D", False),
    ],
)
def test_a_reset_is_told_though_nothing_was_established(
    state: str, history: str, expected: bool, read_with: Callable[..., Any]
) -> None:
    """What was reset does not become established by its volume one way."""
    flow = one(read_with, conn_state=state, history=history, orig_bytes="6000", resp_bytes="0")
    assert bool(flow["flags"] & Flag.RESET) is expected


@pytest.mark.parametrize(("back", "expected"), [("0", State.NO_REPLY), ("1", State.ESTABLISHED)])
def test_udp_is_established_by_an_answer(
    back: str, expected: State, read_with: Callable[..., Any]
) -> None:
    flow = one(
        read_with, proto="udp", conn_state="S0" if back == "0" else "SF", history="D",
        resp_pkts=back, resp_bytes="-", resp_ip_bytes=back,
    )  # fmt: skip
    assert State(flow["state"]) is expected


def test_icmp_has_type_and_code_instead_of_ports(read_with: Callable[..., Any]) -> None:
    four = one(read_with, proto="icmp", id_orig_p="8", id_resp_p="0")
    six = one(
        read_with, proto="icmp", id_orig_h="2001:db8::1", id_resp_h="2001:db8::2", id_orig_p="128"
    )
    assert (four["protocol"], four["src_port"], four["dst_port"], four["icmp"]) == (1, 0, 0, 2048)
    assert six["protocol"] == 58


def test_a_history_that_was_flipped_or_begins_in_the_middle_is_less_sure(
    read_with: Callable[..., Any],
) -> None:
    flipped = one(read_with, history="^hADad")
    middle = one(read_with, conn_state="OTH", history="DadA")
    assert flipped["flags"] & Flag.REVERSED
    assert flipped["orientation"] == Orientation.HANDSHAKE
    assert middle["flags"] & Flag.MIDSTREAM
    assert middle["orientation"] == Orientation.GUESS


def test_what_is_unset_is_unknown_and_not_zero(read_with: Callable[..., Any]) -> None:
    flow = one(read_with, orig_bytes="-", orig_ip_bytes="-", orig_pkts="-", service="-", duration="-")
    assert flow["payload_out"] is None
    assert flow["flags"] & Flag.BYTES_UNKNOWN
    assert flow["service"] is None
    assert flow["start"] == flow["end"]


def test_sequence_numbers_that_ran_away_do_not_count(read_with: Callable[..., Any]) -> None:
    flow = one(read_with, orig_bytes="1607364734", missed_bytes="1607364734", orig_ip_bytes="56983")
    assert flow["bytes_out"] == 56983
    assert flow["flags"] & Flag.LOSS


def test_sampling_scales_and_says_so(read_with: Callable[..., Any]) -> None:
    read = read_with("zeek-conn-tsv", HEADER + line(), sampling=100)
    flow = read.flows[0]
    assert flow["bytes_out"] < 30_000 < flow["bytes_out"] + flow["bytes_out_spread"]
    assert flow["flags"] & Flag.SAMPLED
    assert flow["packets_out"] == 500


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"ts": "yesterday"}, "ts is no time"),
        ({"ts": "-"}, "start time is missing"),
        ({"ts": "1e30"}, "years 1 to 9999"),
        ({"id_orig_h": "fe80::1%eth0x" * 10}, "id.orig_h is no address"),
        ({"id_resp_h": "-"}, "id.resp_h is no address"),
        ({"id_resp_p": "70000"}, "over 65535"),
        ({"id_resp_p": "-"}, "missing or no port"),
        ({"proto": "carrier-pigeon"}, "no known protocol"),
        ({"orig_bytes": "many"}, "orig_bytes is no whole number"),
    ],
)
def test_a_bad_line_is_kept_aside_and_its_neighbours_are_read(
    changes: dict[str, str], reason: str, read_with: Callable[..., Any]
) -> None:
    read = read_with("zeek-conn-tsv", HEADER + line() + line(**changes) + line(uid="C3"))
    assert [flow["uid"] for flow in read.flows] == ["C1", "C3"]
    assert list(read.reasons) == [7]
    assert reason in read.reasons[7]


def test_strange_times_are_kept_and_flagged(read_with: Callable[..., Any]) -> None:
    backwards = one(read_with, duration="-5.0")
    future = one(read_with, ts="4102444800.0")
    long = one(read_with, duration="40000000.0")
    assert backwards["flags"] & Flag.IMPOSSIBLE_TIME
    assert backwards["end"] < backwards["start"]
    assert future["flags"] & Flag.FUTURE
    assert long["flags"] & Flag.IMPOSSIBLE_TIME


def test_a_header_may_change_in_the_middle_and_another_log_may_follow(
    read_with: Callable[..., Any],
) -> None:
    other = "#path\tdns\n#fields\tts\tuid\n1709251200.0\tD1\n"
    fewer = "#path\tconn\n#fields\tuid\tts\tid.resp_h\tid.orig_h\tid.orig_p\tid.resp_p\tproto\n"
    text = HEADER + line() + other + fewer + "C9\t1709251300.5\t10.0.0.8\t10.0.0.9\t1\t2\tudp\n"
    read = read_with("zeek-conn-tsv", text)
    assert [flow["uid"] for flow in read.flows] == ["C1", "C9"]
    assert read.ends[1] == ("10.0.0.9", 1, "10.0.0.8", 2)
    assert read.rejects == []
    assert read.ignored + len(read.flows) == text.count("\n")


def test_records_without_a_header_or_with_other_columns_are_rejected_one_by_one(
    read_with: Callable[..., Any],
) -> None:
    read = read_with("zeek-conn-tsv", line() + HEADER + line() + "a\tb\n\n")
    assert len(read.flows) == 1
    assert "no #fields line" in read.reasons[1]
    assert "2 columns where #fields names 18" in read.reasons[8]


def test_another_separator_and_escapes(read_with: Callable[..., Any]) -> None:
    text = HEADER.replace("\\x09", "\\x7c").replace("\t", "|") + line(uid="a\\x7cb").replace("\t", "|")
    assert read_with("zeek-conn-tsv", text).flows[0]["uid"] is not None
    named = read_with("zeek-conn-tsv", HEADER + line(service="a\\x2cb"), fields=["service", "nothing"])
    assert named.fields == [{"nothing": None, "service": "a,b"}]


def test_open_and_close_tell_when_the_sensor_was_alive(read_with: Callable[..., Any]) -> None:
    text = TOP + "#open\t2024-03-01-00-00-00\n" + HEADER.removeprefix(TOP) + line()
    text += "#close\t2024-03-01-01-00-00\n"
    utc = read_with("zeek-conn-tsv", text).spans
    assert utc == [(datetime(2024, 3, 1, tzinfo=UTC), datetime(2024, 3, 1, 1, tzinfo=UTC))]
    elsewhere = read_with("zeek-conn-tsv", text, timezone="Asia/Tokyo").spans
    flow = datetime(2024, 3, 1, microsecond=1, tzinfo=UTC)
    assert elsewhere == [(flow, flow)], "words that contradict the records are not believed"


def test_interim_records_are_marked_open(read_with: Callable[..., Any]) -> None:
    text = HEADER.replace("#path\tconn", "#path\tconn_long") + line()
    assert read_with("zeek-conn-tsv", text).flows[0]["flags"] & Flag.OPEN


def test_detection_is_by_content() -> None:
    reader = ZeekConnTsv()
    assert reader.detect(HEADER.encode()) == 95
    assert reader.detect(HEADER.replace("#path\tconn\n", "").encode()) == 85
    assert reader.detect(HEADER.replace("conn\n", "dns\n").encode()) == 0
    assert reader.detect(line().encode()) == 0


def test_real_logs_hold_what_a_plain_count_finds(
    shared_data: Path, read_with: Callable[..., Any]
) -> None:
    for sensor in ("NASHUA", "SCRANTON"):
        raw = (shared_data / "zeek-apt29-day1" / f"{sensor}_conn.log").read_bytes()
        lines = raw.decode().splitlines()
        json_log = lines[0].startswith("{")
        read = read_with("zeek-conn-json" if json_log else "zeek-conn-tsv", raw)
        assert read.rejects == []
        assert len(read.flows) == sum(1 for text in lines if text and not text.startswith("#"))
    sample = (shared_data / "formats" / "zeek-conn-nashua.tsv.log").read_text()
    read = read_with("zeek-conn-tsv", sample)
    names = next(t for t in sample.splitlines() if t.startswith("#fields")).split("\t")[1:]
    plain = [dict(zip(names, t.split("\t"), strict=True)) for t in sample.splitlines() if t[0] != "#"]
    assert read.ends == [
        tuple(
            value if key.endswith("_h") else int(value) if row["proto"] != "icmp" else 0
            for key, value in row.items()
            if key.startswith("id.")
        )
        for row in plain
    ]
    assert [f["bytes_out"] for f in read.flows if not f["bytes_out_spread"]] == [
        int(row["orig_ip_bytes"])
        for row, f in zip(plain, read.flows, strict=True)
        if not f["bytes_out_spread"]
    ]


def test_logs_of_names_below_connections_are_said_to_be_passed_over(
    read_with: Callable[..., Any],
) -> None:
    other = "#path\tdns\n#fields\tts\tquery\n1.0\ta\n"
    read = read_with("zeek-conn-tsv", HEADER + line() + other)
    assert (len(read.flows), read.ignored) == (1, 8)
    assert read.notes == [
        "records of dns among connections were passed over: give each log a file of its own"
    ]
    quiet = read_with("zeek-conn-tsv", HEADER + line() + other.replace("dns", "weird"))
    assert quiet.notes == []
