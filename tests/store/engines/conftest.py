"""Rows that engines are known to disagree about."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sekisho.model.flows import TIME

TEXTS = [
    None,
    "",
    "a'b",
    'a"b`c',
    "nul\x00in",
    "日本語 😀",
    "back\\slash",
    "tab\tline\n",
    "\\N",
    "%s {x}",
]
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SCHEMA = pa.schema(
    [
        pa.field("start", TIME, nullable=False),
        pa.field("hi", pa.int64(), nullable=False),
        pa.field("lo", pa.int64(), nullable=False),
        pa.field("state", pa.int8(), nullable=False),
        pa.field("protocol", pa.int16(), nullable=False),
        pa.field("port", pa.int32(), nullable=False),
        pa.field("bytes", pa.int64()),
        pa.field("text", pa.string()),
        pa.field("known", pa.bool_()),
        pa.field("share", pa.float64()),
    ]
)


def _row(n: int) -> dict[str, Any]:
    return {
        "start": EPOCH + timedelta(microseconds=n * 1_234_567_890_123 - 1),
        "hi": -(2**63) + n,
        "lo": 2**63 - 1 - n,
        "state": -128 if n % 2 else 127,
        "protocol": -(2**15) if n % 3 else 2**15 - 1,
        "port": n,
        "bytes": None if n % 4 == 0 else 2**52 + n,
        "text": TEXTS[n % len(TEXTS)],
        "known": [None, True, False][n % 3],
        "share": None if n % 5 == 0 else n / 3,
    }


@pytest.fixture(scope="session")
def rows() -> pa.Table:
    """Sixty rows at the edges of their types."""
    return pa.Table.from_pylist([_row(n) for n in range(60)], schema=SCHEMA)


@pytest.fixture(scope="session")
def lake_folder(tmp_path_factory: pytest.TempPathFactory, rows: pa.Table) -> Path:
    """A folder with two Parquet files of these rows, and one that a pattern would match as well."""
    root = tmp_path_factory.mktemp("the lake {a,b}")
    day = root / "day=2024-03-04"
    day.mkdir()
    pq.write_table(rows.slice(0, 25), day / "a.parquet", compression="zstd")
    pq.write_table(rows.slice(25), day / "b's, {x}*[1].parquet", compression="zstd")
    pq.write_table(rows, day / "b's, {x}other[1].parquet")
    return root


@pytest.fixture(scope="session")
def files(lake_folder: Path) -> list[Path]:
    """The two files."""
    return [lake_folder / "day=2024-03-04" / name for name in ("a.parquet", "b's, {x}*[1].parquet")]


@pytest.fixture
def fresh() -> Callable[[], str]:
    """Names that no other test gave to a table."""

    def name() -> str:
        _COUNT.append(None)
        return f"t{len(_COUNT)}"

    return name


_COUNT: list[None] = []
