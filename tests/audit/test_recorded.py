"""Connections without a flow, by hand; what they become is proven in tests/app/hunting."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sekisho.audit.evidence import Key
from sekisho.audit.marks import Mark, Record
from sekisho.audit.recorded import named_in, without_flows
from sekisho.audit.scope import Scope
from sekisho.inventory.register import Inventory
from sekisho.model.addresses import key, parse_address
from sekisho.model.findings import Check
from sekisho.model.verdicts import Rank
from sekisho.policy.compile import CompiledPolicy

AT = datetime(2020, 6, 5, 10, tzinfo=UTC)
DAYS = Record(AT, AT + timedelta(days=1), 2, frozenset({"a", "b"}))


def named(src: str, dst: str, port: int) -> Key:
    return ("", *key(parse_address(src)), "", *key(parse_address(dst)), 17, port)


def mark(key: Key, record: Record | None) -> Mark:
    return Mark(key, "indicator", "high", Check(id="indicator", text="said"), record=record)


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({}, (17, 53)),
        ({"dst_port": None}, (17, 53)),
        ({"dst_port": 5353}, (17, 5353)),
        ({"kind": "sni", "dst_port": 443}, (6, 443)),
        ({"kind": "sha256", "dst_port": None}, None),
        ({"src_hi": None, "src_lo": None}, None),
        ({"dst_hi": None, "dst_lo": None}, None),
    ],
)
def test_the_connection_that_a_name_was_seen_in(
    changes: dict[str, Any], found: tuple[int, int] | None
) -> None:
    row = {"kind": "dns_query", "dst_port": 53, "src_realm": "", "dst_realm": ""}
    row |= dict.fromkeys(("src_hi", "src_lo", "dst_hi", "dst_lo"), 1)
    seen = named_in(row | changes)
    assert (seen and seen[-2:]) == found


def test_a_connection_without_a_flow_is_at_most_a_try(
    inventory: Inventory, compiled: CompiledPolicy
) -> None:
    key = named("10.40.9.9", "10.1.20.5", 53)
    (row,), views = without_flows({key: [mark(key, DAYS)]}, (), inventory, compiled, Scope())
    assert (row["rank"], row["flows"], row["days_active"]) == (Rank.ATTEMPTED, 0, 2)
    assert (row["first_seen"], row["last_seen"]) == (AT, AT + timedelta(days=1))
    assert [view.sensor for view in views[key]] == ["a", "b"]


def test_what_has_flows_or_no_record_or_is_not_asked_for_is_left_out(
    inventory: Inventory, compiled: CompiledPolicy
) -> None:
    key = named("10.40.9.9", "10.40.0.53", 53)
    marked = {key: [mark(key, DAYS)]}
    assert without_flows(marked, [key], inventory, compiled, Scope()) == ([], {})
    assert without_flows({key: [mark(key, None)]}, (), inventory, compiled, Scope()) == ([], {})
    elsewhere = Scope(frozenset({"jp-hq"}))
    assert without_flows(marked, (), inventory, compiled, elsewhere) == ([], {})
    here = Scope(frozenset({"th-plant"}))
    (row,), _ = without_flows(marked, (), inventory, compiled, here)
    assert row["rank"] == Rank.INTRA_SITE
