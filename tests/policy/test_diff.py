from __future__ import annotations

import random
from collections import Counter
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from typing import Any

import pyarrow as pa
import pytest

from sekisho.inventory.files import parse_inventory
from sekisho.model.addresses import key
from sekisho.model.services import service_label
from sekisho.model.verdicts import Rank
from sekisho.policy.compile import CompiledPolicy
from sekisho.policy.diff import JUDGED, changed
from sekisho.policy.files import parse_policy

SITES = b"""
sites:
  jp: {name: HQ, country: JP, prefixes: [10.1.0.0/16]}
  th: {name: Plant, country: TH, prefixes: [10.40.0.0/16]}
  us: {name: Lab, country: US, realm: acquired, prefixes: [10.1.0.0/16]}
groups:
  jp/edi: [10.1.20.0/28]
  th/edi: [10.40.2.10]
"""
INVENTORY = parse_inventory({"sites.yaml": SITES})
NOON = datetime(2024, 3, 1, 12, tzinfo=UTC)
OLD = """
connections:
  - {id: EDI, allow: "th/edi -> jp/edi : tcp/8443", expires: 2024-12-31}
  - {id: FILES, allow: "th/* -> jp/* : smb"}
"""
NEW = """
connections:
  - {id: EDI, allow: "th/* -> jp/edi : tcp/8443", expires: 2024-12-31}
  - {id: LAB, allow: "us/* -> jp/* : https"}
"""


def compiled(text: str) -> CompiledPolicy:
    return CompiledPolicy(parse_policy({"policy.yaml": text.encode()}, INVENTORY), INVENTORY)


def judged(policy: CompiledPolicy, connections: list[tuple[Any, ...]]) -> Any:
    rows = []
    for src_realm, src, dst_realm, dst, port, flows in connections:
        ends = (src_realm, ip_address(src)), (dst_realm, ip_address(dst))
        rank = policy.verdict(*ends, 6, port, NOON)
        keys = (src_realm, *key(ends[0][1]), dst_realm, *key(ends[1][1]), 6, port)
        rows.append((*keys, int(rank), flows, NOON, NOON + timedelta(hours=1)))
    columns = list(zip(*rows, strict=True)) or [[] for _ in JUDGED]
    return pa.table(
        {
            field.name: pa.array(list(column), field.type)
            for field, column in zip(JUDGED, columns, strict=True)
        }
    )


def drawn(seed: int, count: int) -> list[tuple[Any, ...]]:
    rng = random.Random(seed)
    ends = [("", f"10.40.2.{n}") for n in range(8, 14)] + [("", f"10.1.20.{n}") for n in range(10, 20)]
    ends += [("acquired", "10.1.20.1"), ("", "8.8.8.8"), ("", "192.168.1.1")]
    keys = {(*rng.choice(ends), *rng.choice(ends), rng.choice((443, 445, 8443))) for _ in range(count)}
    return [(*found, rng.randint(1, 9)) for found in sorted(keys)]


def test_against_each_connection_judged_alone() -> None:
    old, new = compiled(OLD), compiled(NEW)
    connections = drawn(7, 900)
    shuffled = random.Random(8).sample(connections, len(connections))
    found = changed(judged(old, connections), judged(new, shuffled), old, new, listed=10_000)

    expected = {}
    groups: Counter[tuple[Any, ...]] = Counter()
    for src_realm, src, dst_realm, dst, port, _ in connections:
        ends = (src_realm, ip_address(src)), (dst_realm, ip_address(dst))
        was, now = (policy.verdict(*ends, 6, port, NOON) for policy in (old, new))
        if was != now:
            expected[src_realm, src, dst_realm, dst, port] = was.verdict, now.verdict
            sites = [INVENTORY.place(*end, NOON).site for end in ends]
            groups[*sites, service_label(6, port), was.verdict, now.verdict] += 1
    assert {
        (c.src.realm or "", c.src.address, c.dst.realm or "", c.dst.address, c.port): (
            c.before.verdict,
            c.after.verdict,
        )
        for c in found.changes
    } == expected
    assert {
        (g.src_site, g.dst_site, g.service, g.before, g.after): g.connections for g in found.groups
    } == groups
    assert {after for _, after in expected.values()} == {"authorized", "unauthorized"}
    assert (found.connections, found.changed, found.notes) == (len(connections), len(expected), ())


def test_rules_behind_a_change_are_named_on_both_sides() -> None:
    old, new = compiled(OLD), compiled(NEW)
    rows = [("", "10.40.2.11", "", "10.1.20.3", 8443, 1), ("", "10.40.2.11", "", "10.1.20.3", 445, 2)]
    worse, better = changed(judged(old, rows), judged(new, rows), old, new).changes
    assert (worse.port, worse.before.rule, worse.after.rule) == (445, "FILES", None)
    assert worse.after.nearest_rule is not None
    assert worse.after.nearest_rule.why_not == "allows tcp/8443, not tcp/445"
    assert (better.port, better.after.rule) == (8443, "EDI")
    assert better.before.nearest_rule is not None
    assert (better.before.nearest_rule.id, better.src.site) == ("FILES", "th")


def test_what_is_cut_off_or_left_out_is_said() -> None:
    old, new = compiled(OLD), compiled(NEW)
    rows = [("", f"10.40.2.{n}", "", "10.1.20.3", 445, n) for n in range(1, 9)]
    found = changed(judged(old, rows), judged(new, rows[:-1]), old, new, listed=3)
    assert [c.src.address for c in found.changes] == ["10.40.2.7", "10.40.2.6", "10.40.2.5"]
    assert (found.changed, found.groups[0].connections, found.groups[0].flows) == (7, 7, 28)
    assert found.notes == (
        "1 connections are in one of the two judgements only and left out",
        "4 more connections change and are not listed",
    )


def test_nothing_observed_and_a_missing_column() -> None:
    old, new = compiled(OLD), compiled(NEW)
    empty = judged(old, [])
    document = changed(empty, empty, old, new).model_dump(mode="json", by_alias=True)
    assert (document["schema"], document["changed"], document["changes"]) == (
        "sekisho.policy-diff/1",
        0,
        [],
    )
    with pytest.raises(KeyError):
        changed(empty.drop_columns(["rank"]), empty, old, new)


def test_ranks_are_compared_as_verdicts() -> None:
    old, new = compiled(OLD), compiled(NEW)
    rows = judged(old, [("", "10.40.2.11", "", "10.1.20.3", 445, 1)])
    position = rows.schema.get_field_index("rank")
    tried = rows.set_column(position, "rank", pa.array([int(Rank.ATTEMPTED)], pa.int8()))
    (change,) = changed(rows, tried, old, new).changes
    assert (change.before.verdict, change.after.verdict) == ("authorized", "attempted")
