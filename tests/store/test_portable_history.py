from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from sekisho.model.addresses import key, parse_address
from sekisho.store.engines.portable import PortableEngine
from sekisho.store.lake import Lake

Row = dict[str, Any]
DAY = 86_400


@pytest.fixture
def root(tmp_path: Path, take: Callable[..., bool], flow: Callable[..., Row]) -> Path:
    with Lake.open(tmp_path / "lake", create=True, threads=1, memory_limit="300MB") as lake:
        rows = [flow(at=n * DAY) for n in (0, 1, 40)]
        take(lake, "a", [*rows, flow("10.9.9.9", "10.40.9.9", at=5 * DAY)], "a.log")
        lake.refresh()
    return tmp_path / "lake"


def test_history_is_the_same_elsewhere(
    root: Path, elsewhere: Callable[[], PortableEngine], asked: Callable[..., pa.Table]
) -> None:
    known, unknown = asked("10.40.9.9", "10.1.0.5", 445), asked("10.40.9.9", "10.1.0.5", 446)
    hi, lo = key(parse_address("10.40.9.9"))
    ends = pa.table({"realm": [""], "hi": [hi], "lo": [lo]})
    said = []
    for opener in (None, elsewhere):
        with Lake.open(root, threads=1, memory_limit="300MB", elsewhere=opener) as lake:
            said.append(
                [
                    lake.first_last(known),
                    lake.first_last(unknown),
                    lake.touching(ends),
                    lake.touching(ends, 1),
                    lake.flows_of(known).flows,
                    pa.table({"day": lake._history.days(known)}),
                ]
            )
    here, there = said
    assert [one.num_rows for one in here] == [1, 0, 2, 1, 3, 7]
    for one, other in zip(here, there, strict=True):
        assert other.schema.types == one.schema.types
        assert other.to_pylist() == one.to_pylist()


def test_nothing_is_known_of_an_empty_lake(
    tmp_path: Path, elsewhere: Callable[[], PortableEngine], asked: Callable[..., pa.Table]
) -> None:
    with Lake.open(tmp_path / "new", create=True, threads=1, elsewhere=elsewhere) as lake:
        assert lake.first_last(asked("10.40.9.9", "10.1.0.5", 445)).num_rows == 0
