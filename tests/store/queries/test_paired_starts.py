"""Which flows tell two clocks apart, and which do not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pytest

from sekisho.model.flows import Flag
from sekisho.store.engines.duckdb import DuckDB
from sekisho.store.queries.paired_starts import paired_starts

Row = dict[str, Any]
HALF = {"flags": int(Flag.ONE_WAY), "bytes_in": 0}


@pytest.fixture
def pairs(engine: DuckDB, table: Callable[..., pa.Table]) -> Callable[..., list[tuple[Any, ...]]]:
    def ask(a: list[Row], b: list[Row], one_in: int = 1) -> list[tuple[Any, ...]]:
        rows = [row | {"sensor": name} for name, given in (("a", a), ("b", b)) for row in given]
        engine.register("flows", table(rows))
        found = engine.fetch(paired_starts("flows", one_in)).to_pylist()
        return sorted((row["a"], row["b"], row["apart"], row["alike"]) for row in found)

    return ask


def test_how_much_later_the_second_sensor_dates_the_same_flow(
    pairs: Callable[..., Any], flow: Callable[..., Row]
) -> None:
    other_way = flow("10.1.0.5", "10.40.9.9", 50_000, 11.5, sport=445)
    assert pairs([flow(at=10)], [flow(at=11.5)]) == [("a", "b", 1_500_000, True)]
    assert pairs([flow(at=10)], [other_way]) == [("a", "b", 1_500_000, True)]
    assert pairs([flow(at=10)], [flow(at=9, lasts=60)]) == [("a", "b", -1_000_000, False)]
    assert pairs([flow(at=10)], [flow(at=9, bytes_out=90_000)]) == [("a", "b", -1_000_000, False)]


def test_halves_of_one_flow_are_one_sighting(
    pairs: Callable[..., Any], flow: Callable[..., Row]
) -> None:
    back = flow("10.1.0.5", "10.40.9.9", 50_000, 10.5, sport=445, **HALF | {"bytes_out": 2000})
    assert pairs([flow(at=10, **HALF), back], [flow(at=12, lasts=2)]) == [("a", "b", 2_000_000, True)]


@pytest.mark.parametrize("kind", ["twice", "impossible", "no ports", "far halves"])
def test_what_cannot_be_recognised_says_nothing(
    pairs: Callable[..., Any], flow: Callable[..., Row], kind: str
) -> None:
    seen = {
        "twice": [flow(at=10), flow(at=500)],
        "impossible": [flow(at=10, flags=int(Flag.IMPOSSIBLE_TIME))],
        "no ports": [flow(at=10, port=0, sport=0, protocol=1)],
        "far halves": [flow(at=10, **HALF), flow(at=9_000, **HALF)],
    }[kind]
    one = seen[0] | {"flags": 0}
    assert pairs(seen, [one]) == []


def test_one_in_so_many_is_looked_at(pairs: Callable[..., Any], flow: Callable[..., Row]) -> None:
    flows = [flow(at=n, sport=n + 1) for n in range(400)]
    assert len(pairs(flows, flows)) == 400
    assert 20 < len(pairs(flows, flows, one_in=8)) < 100


def test_more_pairs_than_one_batch_of_the_engine_holds(
    engine: DuckDB, table: Callable[..., pa.Table], flow: Callable[..., Row]
) -> None:
    """DuckDB 2.0.0 never ends a limit without an order over a join of that many rows."""
    rows = table([flow(at=10) | {"sensor": name} for name in ("a", "b")])
    ports = pa.table({"n": pa.array(range(50_000), pa.int64())})
    engine.register("two", rows)
    engine.register("numbers", ports)
    engine.run(
        "CREATE OR REPLACE TEMP TABLE many AS"
        " SELECT two.* REPLACE (src_lo + n AS src_lo) FROM two, numbers"
    )
    assert engine.fetch(paired_starts("many", 1)).num_rows == 50_000
