"""A conn.log as Zeek's own, down to the header."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from sekisho.simulate.writers.zeek_tsv import footer, header

DATA = Path(os.environ.get("SEKISHO_SHARED_DATA", Path(__file__).parents[3] / "../shared/data"))


def plain(world, sensor):
    return [p for p in world("quiet").files(sensor) if p.suffix == ".log"]


def test_the_header_is_that_of_a_real_log():
    path = DATA / "formats/zeek-conn-nashua.tsv.log"
    if not path.exists():
        pytest.skip(f"no sample data at {DATA}")
    real = path.read_text().splitlines(keepends=True)[:8]
    assert header(1_588_205_199_000_000).decode().splitlines(keepends=True) == real


def test_the_footer_is_missing_where_the_program_died():
    assert footer(1_588_205_199_000_000) == b"#close\t2020-04-30-00-06-39\n"
    assert footer(None) == b""


def test_files_have_header_lines_and_end(world):
    crashed = {o["sensor"] for o in world("quiet").truth("outages") if o["crash"] == "1"}
    for sensor in ("jp-dc-edge", "us-plant-edge"):
        for path in plain(world, sensor):
            lines = path.read_text().splitlines()
            assert lines[0] == "#separator \\x09"
            assert all(line.count("\t") == 20 for line in lines if not line.startswith("#"))
            assert lines[-1].startswith("#close") or sensor in crashed


def test_lines_stand_in_the_order_of_their_end(world):
    for path in plain(world, "us-plant-edge"):
        rows = [line.split("\t") for line in path.read_text().splitlines() if line[0] != "#"]
        ends = [float(r[0]) + (0 if r[8] == "-" else float(r[8])) for r in rows]
        assert (np.diff(ends) > -1e-5).all()


def test_one_way_udp_has_no_answer(world):
    rows = [r for r in world("quiet").rows("jp-dc-edge") if r.proto == "udp" and r.state == "S0"]
    assert rows
    assert all(r.back == 0 and r.fields["history"] == "D" for r in rows)
