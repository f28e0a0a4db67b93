"""Parquet of any origin."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sekisho.model.flows import Flag
from sekisho.sources.readers.generic_parquet import GenericParquet

AT = datetime(2024, 3, 1, 9, tzinfo=UTC)


def parquet(**columns: Any) -> bytes:
    usual: dict[str, Any] = {
        "start": [AT, AT, AT],
        "src": ["10.0.0.1", "2001:db8::1", "10.0.0.3"],
        "dst": ["10.0.0.2", "2001:db8::2", "10.0.0.4"],
        "dst_port": pa.array([443, 53, 0], pa.uint16()),
        "protocol": ["tcp", "udp", "icmp"],
        "bytes_out": pa.array([10, None, 30], pa.uint64()),
    }
    buffer = io.BytesIO()
    pq.write_table(pa.table(usual | columns), buffer)
    return buffer.getvalue()


def test_typed_columns_are_read_and_rows_are_numbered(read_with: Callable[..., Any]) -> None:
    read = read_with("generic-parquet", parquet())
    assert [flow["row"] for flow in read.flows] == [1, 2, 3]
    assert [flow["start"] for flow in read.flows] == [AT] * 3
    assert [flow["bytes_out"] for flow in read.flows] == [10, 0, 30]
    assert read.flows[1]["flags"] & Flag.BYTES_UNKNOWN
    assert [flow["protocol"] for flow in read.flows] == [6, 17, 1]


@pytest.mark.parametrize(
    "start",
    [
        pa.array([1709283600] * 3, pa.int64()),
        pa.array([1709283600000] * 3, pa.uint64()),
        pa.array(["2024-03-01T09:00:00Z"] * 3),
        pa.array([Decimal("1709283600.000")] * 3),
        pa.array([AT] * 3, pa.timestamp("ns", "Asia/Tokyo")),
        pa.array(["2024-03-01T18:00:00"] * 3).cast(pa.timestamp("ms")),
    ],
)
def test_times_of_any_type(start: Any, read_with: Callable[..., Any]) -> None:
    read = read_with("generic-parquet", parquet(start=start), timezone="Asia/Tokyo")
    assert [flow["start"] for flow in read.flows] == [AT] * 3


def test_dates_are_midnight_of_the_sensor(read_with: Callable[..., Any]) -> None:
    read = read_with("generic-parquet", parquet(start=[date(2024, 3, 2)] * 3), timezone="Asia/Tokyo")
    assert read.flows[0]["start"] == datetime(2024, 3, 1, 15, tzinfo=UTC)


def test_a_time_that_clocks_skipped_is_no_crash(read_with: Callable[..., Any]) -> None:
    skipped = pa.array(["2024-03-31T02:30:00"] * 3).cast(pa.timestamp("us"))
    read = read_with("generic-parquet", parquet(start=skipped), timezone="Europe/Berlin")
    assert read.flows[0]["start"] == datetime(2024, 3, 31, 1, 30, tzinfo=UTC)


def test_bad_records_and_nested_columns(read_with: Callable[..., Any]) -> None:
    read = read_with(
        "generic-parquet", parquet(src=["10.0.0.1", "nobody", None], tags=[["a"], [], None])
    )
    assert list(read.reasons) == [2, 3]
    assert b"nobody" in read.rejects[0].text
    assert read.last_row == 3


def test_first_row_passes_over_what_was_taken(read_with: Callable[..., Any]) -> None:
    assert [f["row"] for f in read_with("generic-parquet", parquet(), first_row=3).flows] == [3]
    assert read_with("generic-parquet", parquet(), first_row=9).flows == []


@pytest.mark.parametrize("cut", [4, 40, 200])
def test_damaged_files_are_rejected_and_never_raise(cut: int, read_with: Callable[..., Any]) -> None:
    whole = parquet()
    for raw in (whole[:cut], whole[:-cut], whole[:50] + b"\xff" * 60 + whole[110:]):
        read = read_with("generic-parquet", raw)
        assert len(read.flows) + len(read.rejects) >= 1


def test_a_missing_column_is_named(read_with: Callable[..., Any]) -> None:
    buffer = io.BytesIO()
    pq.write_table(pa.table({"start": [AT]}), buffer)
    read = read_with("generic-parquet", buffer.getvalue())
    assert "src, dst, protocol" in read.reasons[1]


def test_raw_columns_are_text(read_with: Callable[..., Any]) -> None:
    read = read_with("generic-parquet", parquet(vlan=[1, 2, 3]), fields=["vlan", "none"])
    assert read.fields[0] == {"none": None, "vlan": "1"}


def test_detection() -> None:
    assert GenericParquet().detect(parquet()[:64]) == 80
    assert GenericParquet().detect(b"PAR") == 0
