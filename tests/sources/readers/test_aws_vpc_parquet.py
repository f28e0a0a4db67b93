"""VPC flow logs as Parquet: the same records as in text."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from sekisho.sources import files
from sekisho.sources.readers.aws_vpc_parquet import AwsVpcParquet
from sekisho.sources.registry import detect


def table(count: int = 3) -> pa.Table:
    every = np.arange(count)
    return pa.table(
        {
            "version": pa.array([5] * count, pa.int32()),
            "interface_id": [f"eni-{n}" for n in every],
            "srcaddr": [f"10.0.{n // 250 % 250}.{n % 250}" for n in every],
            "dstaddr": ["10.9.0.1"] * count,
            "srcport": pa.array(50000 + every % 9, pa.int32()),
            "dstport": pa.array([443] * count, pa.int32()),
            "protocol": pa.array([6] * count, pa.int32()),
            "packets": pa.array([4] * count, pa.int64()),
            "bytes": pa.array(every * 7 + 600, pa.int64()),
            "start": pa.array(1709251200 + every, pa.int64()),
            "end": pa.array(1709251260 + every, pa.int64()),
            "action": ["ACCEPT"] * count,
            "log_status": ["OK"] * (count - 1) + ["NODATA"],
        }
    )


def written(count: int = 3) -> bytes:
    buffer = io.BytesIO()
    pq.write_table(table(count), buffer)
    return buffer.getvalue()


def test_it_says_what_the_text_says(read_with: Callable[..., Any]) -> None:
    rows = table().to_pylist()
    text = " ".join(name.replace("_", "-") for name in rows[0]) + "\n"
    text += "".join(" ".join(map(str, row.values())) + "\n" for row in rows)
    plain = read_with("aws-vpc-text", text)
    read = read_with("aws-vpc-parquet", written(), fields=["interface_id"])
    assert [flow | {"row": 0} for flow in read.flows] == [flow | {"row": 0} for flow in plain.flows]
    assert [flow["row"] for flow in read.flows] == [1, 2]
    assert (read.ignored, read.fields) == (1, [{"interface_id": "eni-0"}, {"interface_id": "eni-1"}])


def test_a_large_file_is_told_by_the_directory_at_its_end(tmp_path: Path) -> None:
    path = tmp_path / "large"
    path.write_bytes(written(30_000))
    head = files.head(path, 1 << 12)
    assert b"srcaddr" not in path.read_bytes()[: 1 << 12]
    found = detect(head)
    assert found is not None
    assert found.name == "aws-vpc-parquet"


def test_detection() -> None:
    assert AwsVpcParquet().detect(b"PAR1....") == 0
    assert AwsVpcParquet().detect(written()) == 90
    assert AwsVpcParquet().detect(written(), {"columns": {"src": "srcaddr"}}) == 0, (
        "a mapping says more"
    )
