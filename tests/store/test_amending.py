"""What comes of a translation that is logged after the records it is about were looked at."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from sekisho.model.addresses import text_of
from sekisho.store import amending
from sekisho.store.arrivals import Arrivals
from sekisho.store.lake import Lake

Row = dict[str, Any]
POOL, SERVER, ONE, OTHER = "172.31.0.9", "10.1.0.5", "10.40.0.1", "10.40.0.2"


def told(host: str, mapped: int, seconds: int = 10) -> str:
    return f"tcp {host}:50000 > {SERVER}:445 as {POOL}:{mapped} > {SERVER}:445 for {seconds} s"


def after(lake: Lake, file: int) -> Arrivals:
    found = lake.arrivals(file)
    assert found is not None
    return found


def of(table: Any) -> dict[str, int]:
    """Flows by source."""
    return {text_of(row["src_hi"], row["src_lo"]): row["flows"] for row in table.to_pylist()}


@pytest.fixture
def gateway(
    take: Callable[..., bool], take_names: Callable[..., None], name: Callable[..., Row]
) -> Any:
    """The gateway's file: its own flow, and what it says of translations."""
    from tests.store.conftest import _flow, _identity, _names_table, _table

    def put(lake: Lake, file: str, *names: Row) -> None:
        with lake.writer() as writer:
            writer.begin(_identity("gw", file.encode() + b"\n", file))
            writer.add(_table([_flow(ONE, SERVER, row=99)], "gw"))
            writer.add_names(_names_table(names, "gw"))
            writer.finish(99)
            writer.commit()

    return put


def test_records_move_to_whom_they_are_of(
    lake: Lake,
    take: Callable[..., bool],
    flow: Callable[..., Row],
    name: Callable[..., Row],
    gateway: Any,
) -> None:
    seen = [flow(POOL, sport=port, row=port) for port in (1024, 1025, 1026)]
    take(lake, "jp", seen, "jp.log")
    with after(lake, 0) as first:
        assert (of(first.table), of(first.coarse)) == ({POOL: 3}, {POOL: 3})
        assert first.taken_back.num_rows == first.became.num_rows == 0
    names = [name(told(ONE, 1024), "nat"), name(told(OTHER, 1025), "nat", row=2)]
    gateway(lake, "a.log", *names)
    with after(lake, 1) as second:
        assert (second.taken.rows, of(second.taken_back)) == (1, {POOL: 2})
        found = sorted(
            (r["sensor"], text_of(r["src_hi"], r["src_lo"])) for r in second.table.to_pylist()
        )
        assert found == [("gw", ONE), ("jp", ONE), ("jp", OTHER)]
        became = {text_of(r["own_src_hi"], r["own_src_lo"]): r for r in second.became.to_pylist()}
        assert set(became) == {ONE, OTHER}
        assert {
            (text_of(r["src_hi"], r["src_lo"]), r["port"], r["own_port"]) for r in became.values()
        } == {(POOL, 445, 445)}
    # Looked at again they are what they are; what is told once more moves nothing.
    gateway(lake, "b.log", *names)
    with after(lake, 2) as third:
        assert third.taken_back.num_rows == 0


def test_what_becomes_doubtful_moves_back(
    lake: Lake,
    take: Callable[..., bool],
    flow: Callable[..., Row],
    name: Callable[..., Row],
    gateway: Any,
) -> None:
    gateway(lake, "a.log", name(told(ONE, 1024), "nat"))
    take(lake, "jp", [flow(POOL, sport=1024)], "jp.log")
    with after(lake, 1) as found:
        assert of(found.table) == {ONE: 1}
    gateway(lake, "b.log", name(told(OTHER, 1024), "nat", at=36_005))
    with after(lake, 2) as found:
        assert (of(found.taken_back), of(found.table)[POOL]) == ({ONE: 1}, 1)


def test_what_later_files_log_is_told_with_them(
    lake: Lake,
    take: Callable[..., bool],
    flow: Callable[..., Row],
    name: Callable[..., Row],
    gateway: Any,
) -> None:
    take(lake, "jp", [flow(POOL, sport=1024)], "jp.log")
    gateway(lake, "a.log", name(told(ONE, 1024), "nat"))
    found = lake.arrivals(0, most=1)
    assert found is not None
    with found:
        assert of(found.table) == {POOL: 1}
    with after(lake, 1) as second:
        assert of(second.taken_back) == {POOL: 1}
    with after(lake, 0) as both:
        assert of(both.taken_back) == {}
        assert set(of(both.table)) == {ONE}


def test_the_past_is_looked_through_within_bounds(
    lake: Lake, take: Callable[..., bool], flow: Callable[..., Row], name: Callable[..., Row], gateway: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    for number in range(3):
        take(lake, "jp", [flow(POOL, sport=1024 + number)], f"{number}.log")
    names = [name(told(ONE, 1024 + number), "nat", row=number + 1) for number in range(3)]
    gateway(lake, "a.log", *names)
    monkeypatch.setattr(amending, "LOOKED_AT", 2)
    with after(lake, 3) as found:
        assert of(found.taken_back) == {POOL: 1}
