"""What gateways logged turns a record back where it speaks of one connection alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pyarrow as pa

from sekisho.model.addresses import key, parse_address
from sekisho.model.verdicts import Rank
from sekisho.store.base import SensorTraits, Translated
from sekisho.store.lake import Lake

Row = dict[str, Any]
POOL = "172.31.0.9"
SERVER = "10.1.0.5"


def told(host: str, port: int, mapped: int, seconds: int = 10) -> str:
    return f"tcp {host}:{port} > {SERVER}:445 as {POOL}:{mapped} > {SERVER}:445 for {seconds} s"


def sources(lake: Lake, always: Any) -> dict[int, int]:
    """Flows of each source's address (its low half) as judged."""
    with lake.stage(None, None) as stage:
        stage.judge(always(Rank.UNAUTHORIZED))
        found = stage.judged()
        return dict(zip(found["src_lo"].to_pylist(), found["flows"].to_pylist(), strict=True))


def low(address: str) -> int:
    return key(parse_address(address))[1]


def test_by_port_and_time_never_by_the_address_alone(
    lake: Lake, take: Callable[..., bool], take_names: Callable[..., None],
    flow: Callable[..., Row], name: Callable[..., Row], always: Any, asked: Callable[..., pa.Table],
) -> None:  # fmt: skip
    names = [
        name(told("10.40.0.1", 50_000, 1024), "nat", at=36_000),
        name(told("10.40.0.2", 50_000, 1025), "nat", at=36_000),
        name(told("10.40.0.2", 50_000, 1026), "nat", at=36_000, row=3),
        name(told("10.40.0.3", 50_000, 1026), "nat", at=36_030, row=4),
    ]
    take_names(lake, "gw", names)
    rows = [
        flow(POOL, at=36_000, sport=1024),
        flow(POOL, at=36_005, sport=1025),
        flow(POOL, at=36_020, sport=1026),
        flow(POOL, at=50_000, sport=1024),
        flow(POOL, at=36_000, sport=1027),
    ]
    # The records of one datagram bear one number.
    take(lake, "jp", [row | {"row": 7} for row in rows], "jp.log")
    expected = {low("10.40.0.1"): 1, low("10.40.0.2"): 1, low(POOL): 3}
    assert sources(lake, always) == expected
    evidence = lake.flows_of(asked("10.40.0.1", SERVER, 445))
    assert [row["src_lo"] for row in evidence.flows.to_pylist()] == [low(POOL)]
    (meant,) = evidence.meant.to_pylist()
    assert (meant["src_lo"], meant["src_port"]) == (low("10.40.0.1"), 50_000)
    assert len(lake.files_behind(asked("10.40.0.1", SERVER, 445)).files) == 1


def test_the_table_that_was_given_wins(
    lake: Lake, take: Callable[..., bool], take_names: Callable[..., None],
    flow: Callable[..., Row], name: Callable[..., Row], always: Any,
) -> None:  # fmt: skip
    take_names(lake, "gw", [name(told("10.40.0.1", 50_000, 1024), "nat", at=36_000)])
    take(lake, "jp", [flow(POOL, at=36_000, sport=1024)], "jp.log")
    given = Translated("", *key(parse_address(POOL)), *key(parse_address("10.40.9.9")))
    lake.refresh({"jp": SensorTraits(translated=(given,))})
    assert sources(lake, always) == {low("10.40.9.9"): 1}
    lake.refresh({"jp": SensorTraits()})
    assert sources(lake, always) == {low("10.40.0.1"): 1}


def test_a_record_that_was_turned_the_other_way_is_found_too(
    lake: Lake, take: Callable[..., bool], take_names: Callable[..., None],
    flow: Callable[..., Row], name: Callable[..., Row], always: Any,
) -> None:  # fmt: skip
    take_names(lake, "gw", [name(told("10.40.0.1", 50_000, 1024), "nat", at=36_000)])
    take(lake, "jp", [flow(SERVER, POOL, 1024, at=36_000, sport=445)], "jp.log")
    assert sources(lake, always) == {low(SERVER): 1}
    with lake.stage(None, None) as stage:
        stage.judge(always(Rank.UNAUTHORIZED))
        (row,) = stage.judged().to_pylist()
    assert (row["dst_lo"], row["port"]) == (low("10.40.0.1"), 50_000)


def test_a_record_may_begin_days_after_the_connection(
    lake: Lake, take: Callable[..., bool], take_names: Callable[..., None],
    flow: Callable[..., Row], name: Callable[..., Row], always: Any, asked: Callable[..., pa.Table],
) -> None:  # fmt: skip
    """A sensor that cuts what lasts into several, beside a gateway that logs it once."""
    day = 86_400
    session = told("10.40.0.1", 50_000, 1024, seconds=5 * day)
    take_names(lake, "gw", [name(session, "nat", at=36_000)])
    lasting = told("10.40.0.2", 50_000, 1025, seconds=20 * day)
    take_names(lake, "gw", [name(lasting, "nat", at=36_000)], "other.log")
    cut = [flow(POOL, at=36_000 + n * day, sport=1024) for n in (0, 3, 5, 6)]
    cut += [flow(POOL, at=36_000 + n * day, sport=1025) for n in (2, 10)]
    take(lake, "jp", cut, "jp.log")
    lake.compact()
    assert sources(lake, always) == {low("10.40.0.1"): 3, low("10.40.0.2"): 1, low(POOL): 2}
    assert lake.flows_of(asked("10.40.0.1", SERVER, 445)).total == 3
