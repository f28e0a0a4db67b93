"""A row of the benchmarks is consistent in itself, in every format."""

from __future__ import annotations

import json

import numpy as np
import pytest

from sekisho.simulate.volume_company import SERVICES, Connections
from sekisho.simulate.volume_rows import RENDERERS, SHAPES, Block

COUNT = 400


@pytest.fixture
def block():
    rng = np.random.default_rng(3)
    return Block(
        np.sort(rng.integers(10**15, 10**15 + 10**9, COUNT)),
        rng.integers(0, len(SERVICES), COUNT),
        rng.integers(50_000, 65_536, COUNT),
        rng.integers(0, SHAPES, COUNT),
    )


@pytest.fixture
def population():
    n = len(SERVICES)
    return Connections((10 << 24) + np.arange(n) + 1, (10 << 24) + np.arange(n) + 512, np.arange(n))


def rows(form, population, block):
    text = b"".join(
        RENDERERS[form](population, np.random.default_rng(1)).rows(block, np.random.default_rng(2))
    )
    return text.decode().splitlines()


def test_tsv_and_json_say_the_same(population, block):
    tsv = [line.split("\t") for line in rows("zeek-tsv", population, block)]
    objects = [json.loads(line) for line in rows("zeek-json", population, block)]
    assert len(tsv) == len(objects) == COUNT
    for fields, item in zip(tsv, objects, strict=True):
        assert len(fields) == 21
        assert (fields[1], fields[2], fields[4], int(fields[5]), fields[6]) == (
            item["uid"],
            item["id.orig_h"],
            item["id.resp_h"],
            item["id.resp_p"],
            item["proto"],
        )
        assert fields[7] == item.get("service", "-")
        assert (fields[9], fields[10]) == (
            str(item.get("orig_bytes", "-")),
            str(item.get("resp_bytes", "-")),
        )
        assert (fields[11], fields[17], fields[19]) == (
            item["conn_state"],
            str(item["orig_ip_bytes"]),
            str(item["resp_ip_bytes"]),
        )


def test_ip_bytes_hold_payload_and_headers(population, block):
    states = set()
    for item in map(json.loads, rows("zeek-json", population, block)):
        header = 40 if item["proto"] == "tcp" else 28
        assert (
            item["orig_ip_bytes"]
            == item.get("orig_bytes", item["orig_ip_bytes"] - header * item["orig_pkts"])
            + header * item["orig_pkts"]
        )
        assert item["resp_ip_bytes"] == item.get("resp_bytes", 0) + header * item["resp_pkts"]
        states.add(item["conn_state"])
    assert states == {"SF", "S0", "OTH"}


def test_both_halves_mirror_each_other(population, block):
    lines = [line.split(",") for line in rows("nfdump-csv", population, block)]
    out, back = lines[:COUNT], lines[COUNT:]
    for ask, answer in zip(out, back, strict=True):
        assert (ask[3], ask[4], ask[7]) == (answer[4], answer[3], answer[7])
        if ask[7] == "ICMP":
            assert (ask[5], ask[6], answer[5], answer[6]) == ("0", "8.0", "0", "0")
        else:
            assert (ask[5], ask[6]) == (answer[6], answer[5])
        assert int(ask[11]) > 0 < int(answer[11])
