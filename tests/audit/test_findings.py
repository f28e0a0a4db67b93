"""One connection at a time, its row of the store made by hand."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sekisho.audit.coverage import measure
from sekisho.audit.evidence import key_of
from sekisho.audit.findings import Builder
from sekisho.audit.sight import Sight, View
from sekisho.inventory.register import Inventory
from sekisho.model.addresses import key, parse_address
from sekisho.model.findings import finding_id
from sekisho.model.verdicts import Rank
from sekisho.policy.compile import CompiledPolicy

AT = datetime(2020, 6, 10, 9, tzinfo=UTC)
DAY = timedelta(days=1)
Row = dict[str, Any]
Make = Callable[..., Row]


@pytest.fixture
def row(compiled: CompiledPolicy) -> Make:
    def make(src: str, dst: str, port: int, rank: Rank = Rank.UNAUTHORIZED, **changes: Any) -> Row:
        values: Row = {"protocol": 6, "port": port, "rank": int(rank), "flags": 0}
        for name, text in (("src", src), ("dst", dst)):
            address = parse_address(text)
            values[f"{name}_realm"] = ""
            values[f"{name}_hi"], values[f"{name}_lo"] = key(address)
            values[f"{name}_class"] = compiled.labels.of("", address, AT)
        for way in ("bytes_out", "bytes_in"):
            values |= {way: 5_000, f"{way}_spread": 100}
        values |= {"payload_out": None, "payload_in": None, "flows": 2, "established": 2}
        values |= {"days_active": 1, "first_seen": AT, "last_seen": AT + timedelta(hours=1)}
        values |= changes
        first = values["first_seen"]
        return {"first_established": first, "judged_at": first} | values

    return make


@pytest.fixture
def builder(
    inventory: Inventory, compiled: CompiledPolicy, make_hours: Any, make_spans: Any
) -> Callable[..., Builder]:
    """`both` sensors were there for all of June, by spans."""
    begin = (datetime(2020, 6, 1, tzinfo=UTC) - datetime(2024, 3, 1, tzinfo=UTC)) / timedelta(hours=1)
    spans = make_spans({name: [(begin, begin + 720)] for name in ("jp-edge", "th-edge")})
    coverage = measure(inventory.sensors, make_hours({}), spans, now=AT + 30 * DAY)

    def make(*rows: Row, seen: tuple[str, ...] = ("th-edge",), **more: Any) -> Builder:
        views = {
            key_of(r): [
                View(s, r["flows"], r["established"], r["first_seen"], r["last_seen"], r["first_seen"])
                for s in seen
            ]
            for r in rows
        }
        return Builder(inventory, compiled, coverage, Sight(inventory.sensors), views, **more)

    return make


def test_who_what_when(row: Make, builder: Callable[..., Builder]) -> None:
    one = row("10.40.9.9", "10.1.10.96", 445)
    (found,) = builder(one, seen=("th-edge", "jp-edge")).build([one])
    assert found.id == finding_id("10.40.9.9", "10.1.10.96", "tcp", 445)
    assert (found.src.asset, found.src.site, found.dst.groups) == (
        "th-app02",
        "th-plant",
        ("jp-hq/files",),
    )
    assert (found.service, found.seen_at, found.sensors) == ("smb", "both", ("jp-edge", "th-edge"))
    assert (found.bytes_out.low, found.bytes_out.high) == (5_000, 5_100)
    assert (found.onset.at, found.onset.kind) == (AT, "observed")


def test_it_began_when_it_first_moved_enough_though_nobody_answered(
    row: Make, builder: Callable[..., Builder]
) -> None:
    """What counts as established by its volume has a start that no sensor's own rows call so."""
    later = AT + timedelta(minutes=30)
    one = row("10.40.9.9", "10.1.10.96", 445, first_established=later)
    found = builder(one).finding(one)
    assert (found.first_seen, found.onset.at) == (AT, later)
    tried = row("10.40.9.9", "10.1.10.96", 445, Rank.ATTEMPTED, established=0, first_established=None)
    assert builder(tried).finding(tried).onset.at == AT


def test_an_end_seen_by_its_own_side_only(row: Make, builder: Callable[..., Builder]) -> None:
    one = row("10.40.9.9", "10.1.10.96", 445)
    assert builder(one).finding(one).seen_at == "source_only"
    assert builder(one, seen=("jp-edge",)).finding(one).seen_at == "destination_only"


def test_each_finding_names_its_own_address(row: Make, builder: Callable[..., Builder]) -> None:
    """Both are worked out once: nothing tells them apart but the address."""
    rows = [row(f"10.40.7.{n}", "10.1.20.5", 8443) for n in (1, 2)]
    assert rows[0]["src_class"] == rows[1]["src_class"]
    found = builder(*rows).build(rows)
    assert {f.src.address: f.nearest_rule.why_not for f in found if f.nearest_rule} == {
        f"10.40.7.{n}": f"source 10.40.7.{n} is not in th-plant/edi" for n in (1, 2)
    }


def test_what_was_as_it_should_be_before_the_window_did_not_begin_there(
    row: Make, builder: Callable[..., Builder]
) -> None:
    """The rule held from April 2019 until 2 June 2020."""
    one = row("10.40.3.3", "10.1.30.3", 1433, Rank.LAPSED)
    tried = row("10.40.3.3", "10.1.30.3", 1433, Rank.ATTEMPTED, established=0)
    for violation in (one, tried):
        permitted = {key_of(violation): datetime(2020, 5, 1, tzinfo=UTC)}
        assert builder(violation, before=permitted).finding(violation).onset.kind == "observed"
        too_early = {key_of(violation): datetime(2019, 3, 1, tzinfo=UTC)}
        found = builder(violation, before=too_early).finding(violation)
        assert found.onset.kind == "on_or_before"
        assert found.nearest_rule is not None
        assert (found.nearest_rule.id, found.nearest_rule.why_not) == (
            "TH-HQ-STOCK",
            "expired 2020-06-02",
        )


def test_worst_first(row: Make, builder: Callable[..., Builder]) -> None:
    rows = [
        row("10.40.9.9", "10.1.10.97", 445, Rank.ATTEMPTED, established=0),
        row("10.40.9.9", "10.1.10.96", 445, first_seen=AT + DAY, last_seen=AT + DAY),
        row("10.40.9.8", "10.1.10.96", 445),
    ]
    ports = [f.onset.at for f in builder(*rows).build(rows)]
    assert ports == [AT, AT + DAY, AT]
