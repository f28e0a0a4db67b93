from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sekisho.store.lake import Lake

T0 = 1_590_969_600


def test_a_uid_counts_once_with_its_last_word(
    lake_of: Callable[..., Lake],
    rollup: Callable[[Lake], list[dict[str, Any]]],
    zeek_conn: Callable[..., str],
) -> None:
    """Zeek writes a long connection again and again, each time with all that moved so far."""
    lines = [
        zeek_conn(T0 + 5.5, "Clong", "10.1.0.1", 1, "10.2.0.1", 22, size=size)
        for size in (100, 2000, 30000)
    ]
    (row,) = rollup(lake_of({"edge": "".join(lines)}))
    assert row["flows"] == 1
    assert row["payload_out"] == 30000


def test_two_sensors_may_use_the_same_uid(
    lake_of: Callable[..., Lake],
    rollup: Callable[[Lake], list[dict[str, Any]]],
    zeek_conn: Callable[..., str],
) -> None:
    one = zeek_conn(T0 + 5.5, "Csame", "10.1.0.1", 1, "10.2.0.1", 22)
    other = zeek_conn(T0 + 5.5, "Csame", "10.1.0.7", 1, "10.2.0.7", 22)
    assert sum(row["flows"] for row in rollup(lake_of({"a": one, "b": other}))) == 2
