from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sekisho.store.lake import Lake

T0 = 1_590_969_600


def test_two_sensors_of_one_flow_count_once_and_both_are_kept(
    lake_of: Callable[..., Lake],
    rollup: Callable[[Lake], list[dict[str, Any]]],
    zeek_conn: Callable[..., str],
) -> None:
    def log(shift: float, mark: str) -> str:
        return "".join(
            zeek_conn(T0 + n * 600 + shift, f"{mark}{n}", "10.1.0.1", n + 1, "10.2.0.1", 445)
            for n in range(20)
        )

    rows = rollup(lake_of({"a": log(0.0, "A"), "b": log(0.02, "B")}))
    roles = {(row["sensor"], row["role"]): row for row in rows}
    assert roles["a", 1]["flows"] == roles["b", 1]["flows"] == 20
    merged = roles["", 2]
    assert merged["flows"] == 20
    assert merged["bytes_out"] == 20 * 1400
    assert merged["payload_out"] == 20 * 1000


def test_the_same_five_tuple_later_is_another_flow(
    lake_of: Callable[..., Lake],
    rollup: Callable[[Lake], list[dict[str, Any]]],
    zeek_conn: Callable[..., str],
) -> None:
    def log(shift: float, mark: str) -> str:
        return "".join(
            zeek_conn(T0 + n * 3600 + shift, f"{mark}{n}", "10.1.0.1", 7777, "10.2.0.1", 445)
            for n in range(5)
        )

    rows = rollup(lake_of({"a": log(0.0, "A"), "b": log(0.02, "B")}))
    assert sum(row["flows"] for row in rows if row["role"] in (0, 2)) == 5


def test_a_flow_that_one_sensor_missed(
    lake_of: Callable[..., Lake],
    rollup: Callable[[Lake], list[dict[str, Any]]],
    zeek_conn: Callable[..., str],
) -> None:
    lines = [zeek_conn(T0 + n * 600, f"A{n}", "10.1.0.1", n + 1, "10.2.0.1", 445) for n in range(10)]
    rows = rollup(lake_of({"a": "".join(lines), "b": "".join(lines[:4]).replace("\tA", "\tB")}))
    assert sum(row["flows"] for row in rows if row["role"] in (0, 2)) == 10
    assert sum(row["bytes_out"] for row in rows if row["role"] in (0, 2)) == 10 * 1400
