"""Every format keeps the contract of a writer."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest

from sekisho.simulate.flows import EMPTY, SF, blank, count_packets
from sekisho.simulate.sensors import Probe
from sekisho.simulate.text import table
from sekisho.simulate.writers.base import clock
from sekisho.simulate.writers.registry import WRITERS, writer_for


@pytest.mark.parametrize("form", WRITERS)
def test_records_have_a_time_of_writing_and_become_lines(form):
    probe = Probe("s", 0, form, address="10.0.0.1")
    addresses = table(["10.0.0.1", "10.0.0.2"])
    writer = writer_for(form, probe, np.zeros(2, bool), addresses, np.random.default_rng(1))
    flows = blank(3)
    flows["dst"], flows["proto"], flows["state"], flows["duration"], flows["out"] = (
        1,
        6,
        SF,
        2_000_000,
        400,
    )
    count_packets(flows)
    records = writer.records(flows, np.array([10**15, 10**15 + 5, 10**15 + 9]))
    assert (records["log"] >= 10**15).all()
    assert writer.render(records).count(b"\n") == len(records) >= 3
    assert len(writer.records(EMPTY, np.array([], dtype=np.int64))) == 0
    text = writer.header(10**15) + writer.footer(10**15, 3, *writer.volume(records))
    assert text == b"" or text.endswith(b"\n")
    assert "/" in writer.filename(10**15, 10**15 + 1)


def test_clock():
    assert clock(1_590_364_800_000_000) == datetime(2020, 5, 25, tzinfo=UTC)
