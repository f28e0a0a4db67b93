from __future__ import annotations

from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from typing import Any

from sekisho.inventory.files import parse_inventory
from sekisho.model.addresses import key
from sekisho.model.verdicts import Rank
from sekisho.policy.compile import CompiledPolicy
from sekisho.policy.files import parse_policy
from sekisho.policy.judged import describe, permitting

SITES = b"""
sites:
  jp: {name: HQ, country: JP, prefixes: [10.1.0.0/16]}
  th: {name: Plant, country: TH, prefixes: [10.40.0.0/16]}
"""
ASSETS = b"address,hostname,site,groups,owner,criticality\n10.1.0.5,files,jp,,it,critical\n"
INVENTORY = parse_inventory({"sites.yaml": SITES, "assets.csv": ASSETS})
START = datetime(2024, 3, 1, tzinfo=UTC)


def compiled(*rules: str) -> CompiledPolicy:
    text = "connections:\n" + "".join(f"  - {rule}\n" for rule in rules)
    return CompiledPolicy(parse_policy({"policy.yaml": text.encode()}, INVENTORY), INVENTORY)


def row(old: Rank, new: Rank, first: datetime, last: datetime) -> dict[str, Any]:
    src, dst = key(ip_address("10.40.0.9")), key(ip_address("10.1.0.5"))
    ends = {"src_realm": "", "src_hi": src[0], "src_lo": src[1]}
    ends |= {"dst_realm": "", "dst_hi": dst[0], "dst_lo": dst[1]}
    seen = {"protocol": 6, "port": 445, "flows": 3, "first": first, "last": last}
    return {**ends, **seen, "rank": int(old), "new_rank": int(new)}


def test_who_and_which_rule() -> None:
    before = compiled("{id: SMB, allow: 'th/* -> jp/* : smb'}")
    after = compiled("{id: ELSE, allow: 'th/* -> jp/* : https'}")
    found = describe(row(Rank.AUTHORIZED, Rank.UNAUTHORIZED, START, START), before, after)
    assert (found.dst.asset, found.dst.criticality, found.src.asset) == ("files", "critical", None)
    assert (found.protocol, found.service, found.before.rule) == ("tcp", "smb", "SMB")
    assert found.before.nearest_rule is None
    assert found.after.nearest_rule is not None
    assert found.after.nearest_rule.why_not == "allows https, not tcp/445"


def test_lapsed_before_a_rule_began_is_explained_at_the_first_flow() -> None:
    after = compiled("{id: LATE, allow: 'th/* -> jp/* : smb', from: 2024-03-10}")
    seen = row(Rank.UNAUTHORIZED, Rank.LAPSED, START, START + timedelta(days=20))
    found = describe(seen, compiled("{id: X, allow: 'jp/* -> th/* : ssh'}"), after)
    assert found.before.nearest_rule is None
    assert found.after.nearest_rule is not None
    assert found.after.nearest_rule.why_not == "not valid before 2024-03-10"


def test_rules_that_do_not_decide_permit_nothing() -> None:
    policy = compiled("{id: ALL, allow: '* -> * : any'}")
    inside = ("", ip_address("10.1.0.1")), ("", ip_address("10.1.0.5"))
    across = ("", ip_address("10.40.0.1")), ("", ip_address("10.1.0.5"))
    assert permitting(policy, *inside, 6, 22, START) is None
    rule = permitting(policy, *across, 6, 22, START)
    assert rule is not None
    assert rule.id == "ALL"
