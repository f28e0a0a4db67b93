from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from sekisho.inventory.files import parse_inventory
from sekisho.model.addresses import bounds, number
from sekisho.model.rules import Policy
from sekisho.model.verdicts import Rank
from sekisho.policy.classes import members
from sekisho.policy.compile import CompiledPolicy
from sekisho.policy.ends import Limits
from sekisho.policy.files import parse_policy
from sekisho.policy.observed import Observed
from sekisho.policy.ports import size, spans_of
from sekisho.policy.proposals import render
from sekisho.policy.suggest import suggest

SITES = b"""
sites:
  jp-hq: {name: HQ, country: JP, prefixes: [10.1.0.0/16, "2001:db8:1::/48"]}
  th-plant: {name: Plant, country: TH, external: audit, prefixes: [10.40.0.0/16, "2001:db8:40::/48"]}
  us: {name: Lab, country: US, realm: acquired, prefixes: [10.1.0.0/16]}
groups:
  jp-hq/files: [10.1.20.0/30]
  jp-hq/servers: [10.1.0.0/17]
  th-plant/edi: [10.40.2.10, 10.40.2.11]
  th-plant/clients: [10.40.8.0/22]
zones: {vendor: [198.18.7.0/24]}
"""
ASSETS = b"address,hostname,site,groups\n10.40.2.99,mes1,th-plant,\n2001:db8:40::99,mes1,th-plant,\n"
INVENTORY = parse_inventory({"sites.yaml": SITES, "assets.csv": ASSETS})
EMPTY = CompiledPolicy(Policy(), INVENTORY)
START = datetime(2024, 3, 1, 9, tzinfo=UTC)


def seen(src: str, dst: str, port: int, protocol: int = 6, **changes: Any) -> Observed:
    spaces = [end.rpartition("/") for end in (src, dst)]
    (src_realm, _, source), (dst_realm, _, destination) = spaces
    values: dict[str, Any] = {"flows": 40, "established": 40, "days_active": 20}
    values |= {"first_seen": START, "last_seen": START + timedelta(days=30)}
    values |= {"witness": (f"{source}-{destination}-{protocol}-{port}",)}
    ends = src_realm, ip_address(source), dst_realm, ip_address(destination)
    return Observed(*ends, protocol, port, **(values | changes))


def shown(*observed: Observed, **options: Any) -> list[tuple[str, str]]:
    return [(p.rule.id, p.rule.allow) for p in suggest(observed, EMPTY, **options).proposals]


def test_groups_that_were_seen_come_first_then_assets_then_addresses() -> None:
    observed = [seen(f"10.40.2.{n}", f"10.1.20.{m}", 445) for n in (10, 11) for m in range(4)]
    observed += [seen("10.40.2.99", "10.1.200.1", 443), seen("10.40.9.9", "10.1.200.1", 8443)]
    assert shown(*observed) == [
        ("PROPOSED-TH-PLANT-JP-HQ-HTTPS", "asset:mes1 -> 10.1.200.1 : https"),
        ("PROPOSED-TH-PLANT-JP-HQ-SMB", "th-plant/edi -> jp-hq/files : smb"),
        ("PROPOSED-TH-PLANT-JP-HQ-TCP-8443", "10.40.9.9 -> 10.1.200.1 : tcp/8443"),
    ]


def test_one_member_of_a_group_does_not_speak_for_it() -> None:
    assert shown(seen("10.40.2.10", "10.1.20.1", 22), seen("10.40.8.7", "10.1.20.1", 3389)) == [
        ("PROPOSED-TH-PLANT-JP-HQ-RDP", "10.40.8.7 -> jp-hq/files : rdp"),
        ("PROPOSED-TH-PLANT-JP-HQ-SSH", "10.40.2.10 -> jp-hq/files : ssh"),
    ]


def test_what_is_left_out_is_counted_with_its_reason() -> None:
    window = START + timedelta(days=10), START + timedelta(days=12)
    late = {"first_seen": window[0] + timedelta(hours=1), "last_seen": window[0] + timedelta(hours=2)}
    before = {"first_seen": START, "last_seen": START + timedelta(days=9)}
    after = {"first_seen": window[1], "last_seen": START + timedelta(days=30)}
    observed = [
        seen("10.40.1.1", "10.1.0.1", 445, **late),
        seen("10.40.1.1", "10.1.0.1", 445, **after),
        seen("10.40.1.2", "10.1.0.1", 443, **before),
        seen("10.40.1.2", "10.1.0.1", 443, **late),
        seen("10.40.1.3", "10.1.0.1", 443, established=0, **before),
        seen("10.40.1.3", "192.168.1.1", 443, **before),
        seen("10.40.1.3", "10.40.1.4", 443, **before),
        seen("10.40.1.3", "8.8.8.8", 443, **before),
        seen("10.1.1.3", "8.8.8.8", 443, **before),
        *(seen("10.40.66.6", f"10.1.1.{n}", 445, **before) for n in range(1, 101)),
    ]
    found = suggest(observed, EMPTY, excluded=[window])
    assert [p.rule.allow for p in found.proposals] == ["10.40.1.2 -> 10.1.0.1 : https"]
    assert found.proposals[0].flows == 40
    left = {item.reason: item.connections for item in found.document().left_out}
    assert left == {
        "incident": 2, "attempted": 1, "unmapped": 1, "intra_site": 1, "unnamed": 1, "external": 1,
        "scanner": 100,
    }  # fmt: skip


def test_ids_stand_beside_those_in_use_and_order_does_not_matter() -> None:
    observed = [seen("10.40.1.1", "10.1.0.1", 445), seen("10.40.99.1", "10.1.0.9", 445)]
    observed += [seen(f"10.40.2.{n}", "10.1.0.1", 40_000 + n) for n in range(20)]
    first = shown(*observed, taken=["proposed-th-plant-jp-hq-smb"])
    assert [name for name, _ in first if "SMB" in name] == [
        "PROPOSED-TH-PLANT-JP-HQ-SMB-2",
        "PROPOSED-TH-PLANT-JP-HQ-SMB-3",
    ]
    random.Random(1).shuffle(observed)
    assert shown(*observed, taken=["proposed-th-plant-jp-hq-smb"]) == first


def test_what_a_rule_permits_or_permitted_already() -> None:
    text = b"""
connections:
  - {id: NOW, allow: "th-plant/* -> jp-hq/* : https"}
  - {id: ONCE, allow: "th-plant/* -> jp-hq/* : ssh", expires: 2024-01-31}
"""
    policy = CompiledPolicy(parse_policy({"p.yaml": text}, INVENTORY), INVENTORY)
    found = suggest([seen("10.40.1.1", "10.1.0.1", 443), seen("10.40.1.1", "10.1.0.1", 22)], policy)
    assert [len(found.left.left[reason]) for reason in found.left.left] == [1]
    (proposal,) = found.proposals
    assert any(
        "ONCE covered" in note and "expired 2024-01-31: renew" in note for note in proposal.notes
    )


SOURCES = [f"10.40.8.{n}" for n in range(1, 20)] + ["10.40.2.10", "10.40.2.11", "10.40.2.99"]
SOURCES += ["acquired/10.1.20.1", "2001:db8:40::99", "2001:db8:40::1", "198.18.7.7", "10.1.20.3"]
TARGETS = [f"10.1.20.{n}" for n in range(16)] + [
    "10.40.2.10",
    "2001:db8:1::1",
    "2001:db8:1::2",
    "acquired/10.1.9.9",
]
SERVICES = [
    (6, 445),
    (6, 443),
    (17, 53),
    (6, 53),
    (6, 5985),
    (6, 5986),
    (6, 49_700),
    (6, 49_701),
    (6, 49_703),
]
SERVICES += [(1, 0), (47, 0), (253, 0)]
connections = st.sets(
    st.tuples(st.sampled_from(SOURCES), st.sampled_from(TARGETS), st.sampled_from(SERVICES)),
    max_size=60,
)
caps = st.builds(
    Limits, v4=st.integers(24, 32), v6=st.integers(120, 128), share=st.sampled_from([0.3, 0.7, 1])
)
OWN = {
    "rpc-dynamic": parse_policy(
        {"p": b"services: {x: [tcp/49152-65535]}\nconnections: [{id: A, allow: '* -> * : x'}]"},
        INVENTORY,
    )
    .rules[0]
    .services
}


@settings(max_examples=80, deadline=None)
@given(connections, caps, st.booleans())
def test_signed_suggestions_permit_what_was_seen_and_little_more(
    drawn: set[tuple[str, str, tuple[int, int]]], limits: Limits, named: bool
) -> None:
    observed = [seen(src, dst, port, protocol) for src, dst, (protocol, port) in drawn]
    found = suggest(observed, EMPTY, limits=limits, own=OWN if named else {}, fan_out=1000)
    more = b"services: {rpc-dynamic: [tcp/49152-65535]}\n" if named else b""
    text = more + render(found.proposals).encode()
    read = parse_policy({"p.yaml": text}, INVENTORY)
    assert [replace(r, file="", line=0, column=0) for r in read.rules] == [
        p.rule for p in found.proposals
    ]
    assert all(
        CompiledPolicy(read, INVENTORY).verdict(
            c.source, c.destination, c.protocol, c.port, c.first_seen
        )
        == Rank.UNAUTHORIZED
        for c in found.left.chosen
    )

    signed = replace(read, rules=tuple(replace(rule, state="active") for rule in read.rules))
    judge = CompiledPolicy(signed, INVENTORY)
    for connection in found.left.chosen:
        for at in (connection.first_seen, connection.last_seen):
            assert (
                judge.verdict(
                    connection.source, connection.destination, connection.protocol, connection.port, at
                )
                == Rank.AUTHORIZED
            )
    assert len(found.left.chosen) + sum(map(len, found.left.left.values())) == len(observed)
    witnesses = {flow for proposal in found.proposals for flow in proposal.witnesses}
    assert witnesses == {flow for connection in found.left.chosen for flow in connection.witness}

    seen_ports = {(c.protocol, c.port) for c in found.left.chosen}
    everyone = {end for c in found.left.chosen for end in (c.source, c.destination)}
    for proposal in found.proposals:
        rule = proposal.rule
        if "rpc-dynamic" not in rule.service_text and rule.service_text != "icmp":
            for protocol in {p for p, _ in seen_ports}:
                ports = {port for p, port in seen_ports if p == protocol}
                if protocol in (6, 17):
                    assert size(spans_of(rule.services), protocol) <= len(ports)
        for selector in (*rule.sources, *rule.destinations):
            assert selector.kind in ("group", "zone", "asset", "prefix")
            if selector.prefix is not None:
                first, last = bounds(selector.prefix)
                assert selector.prefix.prefixlen >= limits.cap(selector.prefix.version)
                held = sum(
                    first <= number(a) <= last for realm, a in everyone if realm == selector.realm
                )
                assert held >= limits.share * (last - first + 1) - 1e-9
            elif selector.kind == "group":
                prefixes = [p for _, p, _, _ in members(INVENTORY, selector)]
                assert any(
                    number(a) in range(*bounds(p)) or number(a) == bounds(p)[1]
                    for _, a in everyone
                    for p in prefixes
                )
