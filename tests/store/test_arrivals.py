from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from operator import itemgetter
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from sekisho.model.addresses import key, parse_address
from sekisho.model.flows import Flag, Orientation, State
from sekisho.store.arrivals import ASKED, ENDS
from sekisho.store.lake import Lake
from sekisho.store.shapes import CONNECTIONS


def rows(lake: Lake, after: int = 0, **options: Any) -> list[dict[str, Any]]:
    found = lake.arrivals(after, **options)
    assert found is not None
    with found:
        return sorted(found.table.to_pylist(), key=lambda r: (r["piece"], r["sensor"], r["port"]))


def half(flow: Callable[..., Any], *ends: str, reply: bool = False, **changes: Any) -> dict[str, Any]:
    """One direction of a flow as a one-way source would have it, oriented by ports."""
    flags = Flag.ONE_WAY | (Flag.REVERSED if reply else 0)
    way = {"bytes_out": 0, "packets_out": 0} if reply else {"bytes_in": 0, "packets_in": 0}
    row: dict[str, Any] = flow(
        *ends, state=State.UNKNOWN, flags=int(flags), orientation=Orientation.KNOWN_SERVICE, **way
    )
    return row | changes


def test_of_one_day_alone(lake: Lake, take: Callable[..., bool], flow: Callable[..., Any]) -> None:
    take(lake, "edge", [flow(), flow(sport=50_001, at=86_400 + 5)], "a")
    day = rows(lake)[-1]["day"]
    assert [(row["day"], row["flows"]) for row in rows(lake, day=day)] == [(day, 1)]


def test_only_what_came_after_a_file_and_it_comes_once(
    lake: Lake, take: Callable[..., bool], flow: Callable[..., Any]
) -> None:
    take(lake, "edge", [flow(), flow(sport=50_001, at=36_010)], "a")
    take(lake, "edge", [flow(at=40_000)], "b")
    assert [row["flows"] for row in rows(lake)] == [3]
    assert [row["flows"] for row in rows(lake, after=1)] == [1]
    assert lake.arrivals(2) is None
    assert lake.last_file() == 2


def test_files_come_whole_and_in_order_in_portions(
    lake: Lake, take: Callable[..., bool], flow: Callable[..., Any]
) -> None:
    for name in "abc":
        take(lake, "edge", [flow(at=n) for n in range(10)], name)
    found = lake.arrivals(0, most=15)
    assert found is not None
    with found:
        assert (found.taken.first, found.taken.last, found.taken.rows) == (1, 1, 10)
        assert found.taken.behind == 2


def test_up_to_a_file_and_with_the_hours_in_which_flows_began(
    lake: Lake, take: Callable[..., bool], flow: Callable[..., Any]
) -> None:
    take(lake, "edge", [flow(at=0), flow(at=7_300), flow(at=86_399)], "a")
    take(lake, "edge", [flow(at=40_000)], "b")
    found = lake.arrivals(0, until=1)
    assert found is not None
    with found:
        assert (found.taken.last, found.taken.behind) == (1, 0)
        assert found.coarse["hours"].to_pylist() == [1 | 1 << 2 | 1 << 23]
    assert lake.arrivals(1, until=1) is None


def test_compacting_shows_no_row_twice_and_loses_none(
    lake: Lake, take: Callable[..., bool], flow: Callable[..., Any]
) -> None:
    take(lake, "edge", [flow()], "a")
    take(lake, "edge", [flow(at=40_000), flow(at=40_001, port=22)], "b")
    before = rows(lake, after=1)
    lake.compact()
    assert rows(lake, after=1) == before
    assert sum(row["flows"] for row in before) == 2


def test_rows_do_not_reach_over_midnight_or_a_cut(
    lake: Lake, take: Callable[..., bool], flow: Callable[..., Any], monday: Any
) -> None:
    take(lake, "edge", [flow(at=hour * 3600) for hour in (1, 5, 23, 25)])
    cut = monday + timedelta(hours=5)
    assert [row["flows"] for row in rows(lake)] == [3, 1]
    assert [row["flows"] for row in rows(lake, cuts=[cut])] == [1, 2, 1]


def test_halves_of_one_file_are_one_established_flow_and_a_lone_one_is_not(
    lake: Lake, take: Callable[..., bool], flow: Callable[..., Any]
) -> None:
    take(lake, "edge", [half(flow), half(flow, reply=True), half(flow, src_port=50_007)])
    (row,) = rows(lake)
    assert (row["flows"], row["established"], row["halves"]) == (2, 1, 1)
    assert row["provisional"]
    found = lake.arrivals(0)
    assert found is not None
    with found:
        (ports,) = found.ports(found.table.select(CONNECTIONS.names)).to_pylist()
    assert ports["sent"] == [50_007]
    assert ports["answered"] == []
    assert sorted(ports["clients"]) == [50_000, 50_007]


def test_a_surer_record_of_the_same_ports_turns_a_connection_round(
    lake: Lake, take: Callable[..., bool], flow: Callable[..., Any]
) -> None:
    guessed = half(
        flow, reply=True, orientation=int(Orientation.LOWER_PORT), src_port=60_000, dst_port=40_000
    )
    take(lake, "edge", [guessed], "a")
    found = lake.arrivals(0)
    assert found is not None
    with found:
        asked = found.table.append_column("client", pa.array([60_000], pa.int32()))
    # The other end sent the SYN: from what was taken for the server's port to the client's.
    syn = half(flow, orientation=int(Orientation.HANDSHAKE), src_port=40_000, dst_port=60_000)
    for end in ("hi", "lo"):
        syn[f"src_{end}"], syn[f"dst_{end}"] = syn[f"dst_{end}"], syn[f"src_{end}"]
    take(lake, "edge", [syn], "b")
    later = lake.arrivals(1)
    assert later is not None
    with later:
        (turned,) = later.opposite(asked.select(ASKED.names)).to_pylist()
        assert later.opposite(asked.select(ASKED.names).slice(0, 0)).num_rows == 0
    assert (turned["client"], turned["orientation"]) == (60_000, Orientation.HANDSHAKE)


def test_a_damaged_file_is_named_and_the_rest_is_there(
    lake: Lake, take: Callable[..., bool], flow: Callable[..., Any]
) -> None:
    take(lake, "edge", [flow()], "a")
    take(lake, "edge", [flow(at=40_000)], "b")
    victim = next(lake.layout.flows.rglob("*.parquet"))
    victim.write_bytes(victim.read_bytes()[:-1])
    found = lake.arrivals(0)
    assert found is not None
    with found:
        assert len(found.damage) == 1
        assert found.table.num_rows == 1


def test_confined_it_is_the_same_of_some_ends_either_way_round(
    lake: Lake, take: Callable[..., bool], flow: Callable[..., Any]
) -> None:
    some = [half(flow), half(flow, reply=True, src_port=50_002), half(flow, dst_port=22)]
    take(lake, "edge", [*some, half(flow, "10.40.9.8"), flow("10.1.0.5", "10.40.9.9", 80)])
    found, again = lake.arrivals(0), lake.arrivals(0)
    assert found is not None
    assert again is not None
    with found, again:
        whole = [row for row in found.table.to_pylist() if row["src_lo"] != _low("10.40.9.8")]
        again.confine(found.table.filter(pc.equal(found.table["port"], 22)).select(ENDS.names))
        order = itemgetter("port", "src_lo")
        assert sorted(again.table.to_pylist(), key=order) == sorted(whole, key=order)
        assert {row["port"] for row in whole} == {22, 80, 445}
        assert sum(found.coarse["flows"].to_pylist()) == 5
        assert found.coarse.num_rows == 4
        again.confine(found.table.select(ENDS.names).slice(0, 0))
        assert again.table.num_rows == 0


def _low(address: str) -> int:
    return key(parse_address(address))[1]
