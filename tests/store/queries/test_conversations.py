from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from sekisho.model.addresses import text_of
from sekisho.store.lake import Lake

HEADER = "ts,te,td,sa,da,sp,dp,pr,flg,fwd,stos,ipkt,ibyt,opkt,obyt\n"


def half(
    at: str, src: str, sport: int, dst: str, dport: int, size: int, flags: str = "...AP.SF"
) -> str:
    end = at[:-2] + "59"
    return f"{at},{end},1.000,{src},{dst},{sport},{dport},TCP,{flags},0,0,10,{size},0,0\n"


def test_both_directions_are_one_flow_from_who_began(
    lake_of: Callable[..., Lake], rollup: Callable[[Lake], list[dict[str, Any]]]
) -> None:
    text = (
        HEADER
        + half("2020-06-01 10:00:01", "10.2.0.1", 445, "10.1.0.1", 50000, 9000)
        + half("2020-06-01 10:00:00", "10.1.0.1", 50000, "10.2.0.1", 445, 1000)
    )
    (row,) = rollup(lake_of({"edge": text}))
    assert row["port"] == 445
    assert (row["flows"], row["established"]) == (1, 1)
    assert (row["bytes_out"], row["bytes_in"]) == (1000, 9000)


def test_pieces_of_a_long_flow_are_one(
    lake_of: Callable[..., Lake], rollup: Callable[[Lake], list[dict[str, Any]]]
) -> None:
    text = HEADER
    for minute in (0, 1, 2, 3):
        text += half(f"2020-06-01 10:0{minute}:00", "10.1.0.1", 50000, "10.2.0.1", 445, 1000)
        text += half(f"2020-06-01 10:0{minute}:00", "10.2.0.1", 445, "10.1.0.1", 50000, 2000)
    (row,) = rollup(lake_of({"edge": text}))
    assert row["flows"] == 1
    assert (row["bytes_out"], row["bytes_in"]) == (4000, 8000)


def test_one_way_only_is_established_from_4_kib_a_day(
    lake_of: Callable[..., Lake], rollup: Callable[[Lake], list[dict[str, Any]]]
) -> None:
    text = (
        HEADER
        + half("2020-06-01 10:00:00", "10.1.0.1", 50000, "10.2.0.1", 445, 5000, "...AP...")
        + half("2020-06-01 11:00:00", "10.1.0.1", 50001, "10.2.0.2", 445, 100, "......S.")
    )
    rows = {row["dst_lo"] & 0xFF: row for row in rollup(lake_of({"edge": text}))}
    assert rows[1]["oneway_out"] == 5000
    assert rows[2]["established"] == 0
    assert rows[2]["oneway_out"] in (0, 100)


@pytest.mark.parametrize(("low", "high"), [("10.1.0.1", "10.2.0.1"), ("10.2.0.1", "10.1.0.1")])
@pytest.mark.parametrize("answered", [True, False])
def test_where_ports_tell_nothing_who_sends_first_began(
    low: str,
    high: str,
    answered: bool,
    lake_of: Callable[..., Lake],
    rollup: Callable[[Lake], list[dict[str, Any]]],
) -> None:
    text = HEADER + half("2020-06-01 10:00:00", low, 500, high, 500, 1000).replace("TCP", "UDP")
    if answered:
        text += half("2020-06-01 10:00:01", high, 500, low, 500, 3000).replace("TCP", "UDP")
    (row,) = rollup(lake_of({"edge": text}))
    assert (row["flows"], row["established"]) == (1, int(answered))
    assert text_of(row["src_hi"], row["src_lo"]) == low
    assert (row["bytes_out"], row["bytes_in"]) == (1000, 3000 * answered)
