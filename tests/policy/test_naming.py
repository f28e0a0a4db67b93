from __future__ import annotations

from datetime import UTC, datetime

from sekisho.inventory.files import parse_inventory
from sekisho.policy.compile import CompiledPolicy
from sekisho.policy.files import parse_policy
from sekisho.policy.naming import MAX_NAMES, Naming
from sekisho.policy.permissions import common_classes

SITES = b"""
sites:
  jp: {name: HQ, country: JP, prefixes: [10.1.0.0/16]}
  th: {name: Plant, country: TH, prefixes: [10.40.0.0/16]}
groups:
  th/edi: [10.40.2.10]
zones:
  vendor: [198.18.7.0/24]
"""
INVENTORY = parse_inventory({"sites.yaml": SITES})
AT = datetime(2024, 3, 1, tzinfo=UTC)


def compiled(allow: str) -> CompiledPolicy:
    text = f"connections: [{{id: R, allow: '{allow}'}}]".encode()
    return CompiledPolicy(parse_policy({"policy.yaml": text}, INVENTORY), INVENTORY)


def test_the_widest_selector_that_fits_then_what_is_left() -> None:
    old, new = compiled("th/edi -> jp/* : ssh"), compiled("10.40.2.0/24 -> jp/* : ssh")
    classes = common_classes(old, new, AT)
    naming = Naming(old, new, classes)

    def named(*sites: str, without: str = "") -> tuple[str, ...]:
        chosen = {
            c
            for c in classes
            if new.classes[c[1]].site in sites and without not in old.classes[c[0]].groups
        }
        return naming.names(frozenset(chosen))

    assert named("jp", "th") == ("*",)
    assert named("th") == ("th/*",)
    assert named("th", without="th/edi") == ("other addresses of th", "rest of 10.40.2.0/24")


def test_outside_the_sites() -> None:
    policy = compiled("th/edi -> jp/* : ssh")
    classes = common_classes(policy, policy, AT)
    naming = Naming(policy, policy, classes)
    outside = {
        scope: frozenset(c for c in classes if policy.classes[c[1]].scope == scope)
        for scope in ("zone", "global", "private", "local")
    }
    assert naming.names(outside["zone"]) == ("zone:vendor",)
    assert naming.names(outside["global"]) == ("internet",)
    assert naming.names(outside["private"]) == ("addresses of no site",)
    assert naming.names(outside["local"]) == ("multicast and link-local addresses",)


def test_many_names_are_cut_off() -> None:
    hosts = ", ".join(f"10.40.0.{n}" for n in range(40))
    policy = compiled(f"{hosts} -> jp/* : ssh")
    classes = common_classes(policy, policy, AT)
    some = frozenset(c for c in classes if policy.classes[c[1]].selectors and policy.masks(c[1])[0])
    names = Naming(policy, policy, classes).names(some)
    assert len(names) == MAX_NAMES + 1
    assert names[-1] == "and 20 more"
