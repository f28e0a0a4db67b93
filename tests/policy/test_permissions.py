from __future__ import annotations

from datetime import UTC, datetime
from ipaddress import ip_address

from hypothesis import given, settings
from hypothesis import strategies as st

from sekisho.inventory.files import parse_inventory
from sekisho.model.verdicts import Rank
from sekisho.policy.compile import CompiledPolicy
from sekisho.policy.files import parse_policy
from sekisho.policy.permissions import common_classes, compare, permissions
from sekisho.policy.ports import covers, key

SITES = b"""
sites:
  jp: {name: HQ, country: JP, prefixes: [10.1.0.0/16, "2001:db8:1::/48"]}
  th: {name: Plant, country: TH, external: audit, prefixes: [10.40.0.0/16]}
  us: {name: Lab, country: US, realm: acquired, prefixes: [10.1.0.0/16]}
groups:
  jp/edi: [10.1.20.0/28]
  th/edi: [10.40.2.10]
zones:
  vendor: [198.18.7.0/24]
"""
INVENTORY = parse_inventory({"sites.yaml": SITES})
AT = datetime(2024, 3, 1, tzinfo=UTC)


def compiled(*rules: str, more: str = "", inventory: object = None) -> CompiledPolicy:
    lines = "".join(f"  - {{id: R{n}, {rule}}}\n" for n, rule in enumerate(rules))
    text = f"connections:\n{lines}{more}\n"
    return CompiledPolicy(parse_policy({"policy.yaml": text.encode()}, INVENTORY), INVENTORY)


def shown(old: CompiledPolicy, new: CompiledPolicy) -> list[tuple[str, str, str, str]]:
    return [
        (c.change, ", ".join(c.sources), ", ".join(c.destinations), c.services)
        for c in permissions(old, new, AT).changes
    ]


def test_differences_are_said_as_rules_are_written() -> None:
    old = compiled("allow: 'th/edi -> jp/edi : tcp/8443'", "allow: 'jp/* -> th/* : ssh, rdp'")
    new = compiled("allow: 'th/* -> jp/edi : tcp/8443'", "allow: 'jp/* -> th/* : ssh'")
    assert shown(old, new) == [
        ("permitted", "other addresses of th", "jp/edi", "tcp/8443"),
        ("ceased", "jp/*", "th/*", "tcp/3389"),
    ]
    assert shown(new, new) == []


def test_a_rule_that_others_cover_already_changes_nothing() -> None:
    wide = "allow: '* -> jp/* : any'"
    assert shown(compiled(wide), compiled(wide, "allow: 'th/edi -> jp/edi : tcp/8443'")) == []


def test_every_site_and_the_outside() -> None:
    new = compiled("allow: '* -> jp/* : dns'", "allow: 'th/* -> internet : https'")
    assert ("permitted", "th/*", "internet", "tcp/443") in shown(compiled(), new)
    everywhere = [c for c in permissions(compiled(), new, AT).changes if "53" in c.services]
    assert {source for c in everywhere for source in c.sources} == {"th/*", "us/*"}


def test_validity_and_proposals_count_at_the_time_asked() -> None:
    ended = compiled("allow: 'th/* -> jp/* : ssh', expires: 2024-02-29")
    proposed = compiled("allow: 'th/* -> jp/* : ssh', state: proposed")
    holds = compiled("allow: 'th/* -> jp/* : ssh', expires: 2024-03-01")
    assert shown(ended, proposed) == []
    assert shown(ended, holds) == [("permitted", "th/*", "jp/*", "tcp/22")]


def test_auditing_inside_a_site_ceases_what_was_free_there() -> None:
    assert shown(compiled(), compiled(more="intra_site: [th]")) == [("ceased", "th/*", "th/*", "any")]


def test_bounds_are_said() -> None:
    new = compiled(*(f"allow: 'th/* -> jp/* : tcp/{n}'" for n in (1, 3)), "allow: 'jp/* -> th/* : ssh'")
    found = permissions(compiled(), new, AT, limit=1)
    assert (len(found.changes), found.total, found.complete) == (1, 2, True)
    assert not permissions(compiled(), new, AT, pairs=1).complete


ENDS = [
    "*",
    "jp/*",
    "th/*",
    "us/*",
    "jp/edi",
    "th/edi",
    "10.40.2.0/24",
    "10.1.20.8",
    "internet",
    "zone:vendor",
]
rules = st.lists(
    st.builds(
        "allow: '{} -> {} : {}'".format,
        st.sampled_from(ENDS),
        st.sampled_from(ENDS),
        st.sampled_from(["tcp/443", "tcp/440-450", "any", "icmp"]),
    ),
    max_size=4,
)
PROBES = [
    ("", "10.1.20.8"),
    ("", "10.1.20.1"),
    ("", "10.1.0.1"),
    ("", "10.40.2.10"),
    ("", "10.40.2.11"),
]
PROBES += [
    ("", "10.40.9.9"),
    ("acquired", "10.1.20.8"),
    ("", "8.8.8.8"),
    ("", "198.18.7.7"),
    ("", "2001:db8:1::1"),
]


@settings(max_examples=60, deadline=None)
@given(rules, rules, st.booleans())
def test_against_single_verdicts(first: list[str], second: list[str], inside: bool) -> None:
    old = compiled(*first)
    new = compiled(*second, more="intra_site: [jp]" if inside else "")
    blocks, complete = compare(old, new, AT)
    assert complete
    classes = common_classes(old, new, AT)
    for src_realm, src in PROBES:
        for dst_realm, dst in PROBES:
            ends = (src_realm, ip_address(src)), (dst_realm, ip_address(dst))
            common = [(old.labels.of(*end, AT), new.labels.of(*end, AT)) for end in ends]
            assert set(common) <= classes
            for protocol, port in ((6, 443), (6, 445), (17, 53), (1, 0)):
                was, now = (p.verdict(*ends, protocol, port, AT) < Rank.UNMAPPED for p in (old, new))
                said = [
                    block.permitted
                    for block in blocks
                    if common[0] in block.sources
                    and common[1] in block.destinations
                    and covers(block.services, key(protocol, port))
                ]
                assert said == ([] if was == now else [now])
