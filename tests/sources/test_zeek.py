from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from sekisho.model.flows import Orientation
from sekisho.sources import zeek
from sekisho.sources.base import ReadContext


def test_a_record_of_four_columns_is_enough(context: ReadContext) -> None:
    columns = {
        "id.orig_h": pa.array(["10.0.0.1", "2001:db8::1"]),
        "id.resp_h": pa.array(["10.0.0.2", "2001:db8::2"]),
        "proto": pa.array(["icmp", "icmp"]),
    }
    times = {"ts": (np.array([1, 2]), np.array([False, False]))}
    table, failed, _ = zeek.draft_flows(columns, times, np.array([1, 2]), context).finish()
    assert failed == []
    assert table["protocol"].to_pylist() == [1, 58]
    assert table["uid"].to_pylist() == [None, None]
    assert table["orientation"].to_pylist() == [Orientation.STATED] * 2


def test_services_are_in_order_and_once(context: ReadContext) -> None:
    columns = {
        "id.orig_h": pa.array(["10.0.0.1"] * 4),
        "id.resp_h": pa.array(["10.0.0.2"] * 4),
        "proto": pa.array(["tcp"] * 4),
        "service": pa.array(["smb,gssapi,smb", "ssl", "", None]),
    }
    times = {"ts": (np.arange(4), np.zeros(4, dtype=np.bool_))}
    draft = zeek.draft_flows(columns, times, np.arange(4), context)
    assert draft.columns["service"].to_pylist() == ["gssapi,smb", "ssl", None, None]


@pytest.mark.parametrize(
    ("text", "micros"), [("1.5", 1_500_000), ("-2", -2_000_000), ("1e30", 1 << 62)]
)
def test_times_are_bounded(text: str, micros: int) -> None:
    assert zeek.time_value("ts", text) == micros


@pytest.mark.parametrize("text", ["", "x", "1.5", "1" * 19, "0x10"])
def test_counts_that_are_none(text: str) -> None:
    with pytest.raises(ValueError, match="no whole number"):
        zeek.count_value("orig_pkts", text)
    assert zeek.count_value("orig_pkts", " 12") == 12
