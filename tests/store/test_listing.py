from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sekisho.store.lake import Lake

T0 = 1_590_969_600


def test_hours_files_and_figures(lake_of: Callable[..., Lake], zeek_conn: Callable[..., str]) -> None:
    lines = [
        zeek_conn(T0 + n * 1800 + 1.5, f"C{n}", "10.1.0.1", n + 1, "10.2.0.1", 22) for n in range(5)
    ]
    lake = lake_of({"edge": "".join(lines)})
    hours = lake.hours().to_pylist()
    assert [(row["sensor"], row["hour"].hour, row["flows"]) for row in hours] == [
        ("edge", 0, 2),
        ("edge", 1, 2),
        ("edge", 2, 1),
    ]
    (file,) = lake.files().to_pylist()
    assert (file["status"], file["rows"], file["rejected"]) == ("taken", 5, 0)
    stats = lake.stats()
    assert (stats.flows, stats.days, stats.files, stats.lost) == (5, 1, 1, 0)
    assert stats.raw_bytes > 0
    (span,) = lake.spans().to_pylist()
    assert span["begin"].timestamp() == T0 + 1.5


def test_a_half_line_that_was_a_flow_counts_once(
    lake_of: Callable[..., Lake],
    rollup: Callable[[Lake], list[dict[str, Any]]],
    zeek_conn: Callable[..., str],
) -> None:
    """`...\\t2400` cut to `...\\t24` is a line that reads well and is wrong."""
    text = "".join(
        zeek_conn(T0 + n + 0.5, f"C{n}", "10.1.0.1", n + 1, "10.2.0.1", 22) for n in range(3)
    )
    lake = lake_of({"edge": text[:-3]})
    assert lake.stats().flows == 3
    lake = lake_of({"edge": text})
    assert lake.stats().flows == 3
    assert sum(row["flows"] for row in rollup(lake)) == 3
    assert sum(row["bytes_in"] for row in rollup(lake)) == 3 * 2400
    assert sum(lake.hours()["flows"].to_pylist()) == 3
