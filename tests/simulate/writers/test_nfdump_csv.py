"""One-way records as nfdump prints them: halves, cuts at the active timeout, flags, local time."""

from __future__ import annotations

import os
from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest

from sekisho.simulate.flows import OTH, REJ, RSTO, S0, SF, blank, count_packets, ip_bytes
from sekisho.simulate.sensors import Probe
from sekisho.simulate.text import table
from sekisho.simulate.writers.nfdump_csv import COLUMNS, NfdumpCsv

DATA = Path(os.environ.get("SEKISHO_SHARED_DATA", Path(__file__).parents[3] / "../shared/data"))
BEGIN = 1_590_364_800_000_000


def lines(proto=6, state=SF, seconds=2, out=1000, back=1000, **more):
    probe = Probe("s", 0, "nfdump-csv", address="10.0.0.9", **more)
    addresses = table(["10.0.0.1", "10.0.0.2"])
    writer = NfdumpCsv(probe, np.zeros(2, bool), addresses, np.random.default_rng(1))
    flows = blank(1)
    flows["dst"], flows["proto"], flows["state"], flows["duration"] = (
        1,
        proto,
        state,
        seconds * 1_000_000,
    )
    flows["out"], flows["in"] = out, back
    flows["sport"], flows["dport"] = (8, 0) if proto == 1 else (50_002, 445)
    count_packets(flows)
    text = writer.render(writer.records(flows, np.array([BEGIN]))).decode()
    names = COLUMNS.split(",")
    return flows, [dict(zip(names, line.split(","), strict=True)) for line in text.splitlines()]


def test_columns_are_those_of_a_real_file():
    path = DATA / "formats/nfdump-csv.csv"
    if not path.exists():
        pytest.skip(f"no sample data at {DATA}")
    assert path.read_text().splitlines()[0] == COLUMNS


def test_both_halves():
    _, (ask, answer) = lines()
    assert (ask["sa"], ask["da"], ask["sp"], ask["dp"]) == ("10.0.0.1", "10.0.0.2", "50002", "445")
    assert (answer["sa"], answer["da"], answer["sp"], answer["dp"]) == (
        "10.0.0.2",
        "10.0.0.1",
        "445",
        "50002",
    )
    assert (ask["ts"], ask["te"], ask["td"]) == ("2020-05-25 00:00:00", "2020-05-25 00:00:02", "2.000")
    assert ask["ra"] == "10.0.0.9"


@pytest.mark.parametrize(
    ("state", "flags"),
    [
        (SF, ["...AP.SF", "...AP.SF"]),
        (S0, ["......S."]),
        (REJ, ["......S.", "...A.R.."]),
        (RSTO, ["...APRS.", "...AP.S."]),
    ],
)
def test_flags(state, flags):
    assert [line["flg"] for line in lines(state=state)[1]] == flags


def test_long_ones_are_cut_and_add_up():
    flows, rows = lines(seconds=1000, out=400_000, back=5_000_000)
    by = defaultdict(list)
    for row in rows:
        by[row["sa"]].append(row)
    assert [len(v) for v in by.values()] == [4, 4]
    octets = [sum(int(r["ibyt"]) for r in v) for v in by.values()]
    assert octets == [int(n[0]) for n in ip_bytes(flows, np.zeros(2, bool))]
    packets = [sum(int(r["ipkt"]) for r in v) for v in by.values()]
    assert packets == [int(flows["pout"][0]), int(flows["pin"][0])]
    assert [r["flg"] for r in by["10.0.0.1"]] == ["...AP.S.", "...AP...", "...AP...", "...AP..F"]
    assert all(float(r["td"]) <= 300 for r in rows)


def test_ping_shows_type_and_code():
    _, (ask, answer) = lines(proto=1, state=OTH, out=56, back=56)
    assert (ask["pr"], ask["sp"], ask["dp"], ask["flg"]) == ("ICMP", "0", "8.0", "........")
    assert (answer["sp"], answer["dp"]) == ("0", "0.0")


def test_times_are_local():
    assert lines(timezone="Asia/Bangkok")[1][0]["ts"] == "2020-05-25 07:00:00"


def test_files_end_with_a_summary(world):
    for path in world("quiet").files("th-plant-edge"):
        text = path.read_text().splitlines()
        assert text[0] == COLUMNS
        assert text[-3] == "Summary"
        assert int(text[-1].split(",")[0]) == len(text) - 4
