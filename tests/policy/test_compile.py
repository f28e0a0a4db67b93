from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pyarrow as pa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sekisho.inventory.files import parse_inventory
from sekisho.model.addresses import key
from sekisho.model.verdicts import Rank
from sekisho.policy.compile import CompiledPolicy
from sekisho.policy.files import parse_policy

SITES = b"""
sites:
  jp: {name: HQ, country: JP, prefixes: [10.1.0.0/16, "2001:db8:1::/48"]}
  th: {name: Plant, country: TH, prefixes: [10.40.0.0/16, "2001:db8:40::/48"]}
"""
INVENTORY = parse_inventory({"sites.yaml": SITES})


def decided(policy: CompiledPolicy, connections: list[Any]) -> list[list[Any]]:
    """The rows that `label` and `decide` give for each connection, as an audit asks them."""
    epochs = [sum(point <= at for point in policy.epochs) for *_, at in connections]
    ends = [
        (e, end) for e, (src, dst, *_) in zip(epochs, connections, strict=True) for end in (src, dst)
    ]
    keys = [key(address) for _, (_, address) in ends]
    labelled = policy.label(
        pa.table(
            {
                "epoch": pa.array([e for e, _ in ends], pa.int32()),
                "realm": pa.array([realm for _, (realm, _) in ends], pa.string()),
                "hi": pa.array([hi for hi, _ in keys], pa.int64()),
                "lo": pa.array([lo for _, lo in keys], pa.int64()),
            }
        )
    )
    classes = labelled["class"].to_pylist()
    table = pa.table(
        {
            "epoch": pa.array(epochs, pa.int32()),
            "src_class": pa.array(classes[::2], pa.int32()),
            "dst_class": pa.array(classes[1::2], pa.int32()),
            "protocol": pa.array([c[2] for c in connections], pa.int16()),
            "port": pa.array([c[3] for c in connections], pa.int32()),
        }
    )
    rows = policy.decide(table)
    found = []
    for number in range(table.num_rows):
        alone = policy.decide(table.slice(number, 1)).to_pylist()
        assert all(row in rows.to_pylist() for row in alone)
        found.append(alone)
    assert rows.num_rows == sum(map(len, found))
    return found


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_compiled_verdicts_are_those_of_every_rule_read_one_by_one(
    cases: Any, connections: Any, data: st.DataObject
) -> None:
    case = data.draw(cases)
    asked = data.draw(st.lists(connections, min_size=1, max_size=12))
    policy = CompiledPolicy(case.policy, case.inventory)
    for connection, rows in zip(asked, decided(policy, asked), strict=True):
        src, dst, protocol, port, at = connection
        expected = case.verdict(src, dst, protocol, port, at)
        assert policy.verdict(src, dst, protocol, port, at) == expected, connection
        current = [
            row["rank"]
            for row in rows
            if (row["begin"] is None or row["begin"] <= at) and (row["end"] is None or at < row["end"])
        ]
        assert current == [expected], connection
        placed = case.inventory.place(*src, at)
        named = policy.classes[policy.labels.of(*src, at)]
        assert (named.scope, named.site, set(named.zones)) == case.place(*src, at)[:3]
        assert (placed.scope, placed.site, set(placed.zones)) == case.place(*src, at)[:3]


def test_a_table_of_nothing_is_decided_as_nothing() -> None:
    policy = CompiledPolicy(parse_policy({}, INVENTORY), INVENTORY)
    assert decided(policy, []) == []


def test_nearest_names_the_rule_and_the_address() -> None:
    text = b"connections: [{id: EDI, allow: 'th/* -> 10.1.0.7 : https', expires: 2024-03-31}]"
    policy = CompiledPolicy(parse_policy({"p.yaml": text}, INVENTORY), INVENTORY)
    src = ("", INVENTORY.sites["th"].prefixes[1].prefix[5])
    dst = ("", INVENTORY.sites["jp"].prefixes[0].prefix[7])
    inside = datetime.fromisoformat("2024-03-31T23:59:59.999999Z")
    after = inside + timedelta(microseconds=1)
    assert policy.verdict(src, dst, 6, 443, inside) == Rank.AUTHORIZED
    assert policy.verdict(src, dst, 6, 443, after) == Rank.LAPSED
    assert policy.nearest(src, dst, 6, 443, after) == ("EDI", "expired 2024-03-31")
    assert policy.nearest(src, dst, 6, 22, inside) == ("EDI", "allows https, not tcp/22")
