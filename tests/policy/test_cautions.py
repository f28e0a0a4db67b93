from __future__ import annotations

from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from typing import Any

from sekisho.inventory.files import parse_inventory
from sekisho.model.rules import Policy, Selector
from sekisho.policy.cautions import cautions
from sekisho.policy.compile import CompiledPolicy
from sekisho.policy.ends import Use
from sekisho.policy.files import parse_policy
from sekisho.policy.observed import Observed

SITES = b"""
sites:
  jp: {name: HQ, country: JP, prefixes: [10.1.0.0/16]}
  th: {name: Plant, country: TH, prefixes: [10.40.0.0/16]}
"""
INVENTORY = parse_inventory({"sites.yaml": SITES})
START = datetime(2024, 3, 1, tzinfo=UTC)
END = START + timedelta(days=60)
ONE = Use(Selector("group", "th/edi"), 1, 1, 1)


def seen(port: int, days: int = 20, **changes: Any) -> Observed:
    values: dict[str, Any] = {"flows": 40, "established": 40, "days_active": days, "first_seen": START}
    values |= {"last_seen": START + timedelta(days=30)}
    ends = "", ip_address("10.40.0.9"), "", ip_address("10.1.0.1")
    return Observed(*ends, 6, port, **(values | changes))


def notes(*covered: Observed, sources: tuple[Use, ...] = (ONE,), policy: str = "") -> tuple[str, ...]:
    read = parse_policy({"p.yaml": policy.encode()}, INVENTORY) if policy else Policy()
    return cautions(covered, sources, (ONE,), CompiledPolicy(read, INVENTORY), END)


def test_a_plain_connection_needs_no_caution() -> None:
    assert notes(seen(443)) == ()


def test_services_that_intruders_move_by() -> None:
    for port, name in ((445, "smb"), (3389, "rdp"), (5985, "winrm"), (22, "ssh")):
        (note,) = notes(seen(port))
        assert note.startswith(f"{name} is ")


def test_short_new_and_unanswered() -> None:
    late = END - timedelta(days=1)
    found = notes(seen(443, days=1, first_seen=late, last_seen=late, established=3))
    assert [note.split(" ")[0:3] for note in found] == [
        ["no", "connection", "was"],
        ["it", "began", "on"],
        ["only", "3", "of"],
    ]
    assert notes(seen(443), seen(80, days=1)) == ("1 of 2 connections were seen on one day only",)


def test_wide_ends_and_many_ports() -> None:
    group = Use(Selector("group", "th/clients"), 3, 4, 1024)
    zone = Use(Selector("zone", "vendor"), 1, 1, 1)
    found = notes(*(seen(50_000 + n) for n in range(8)), sources=(group, zone))
    assert found[0].startswith("8 dynamic ports")
    assert found[1:] == (
        "th/clients holds 1,024 addresses; 3 of its 4 known members were seen",
        "zone:vendor is outside the company",
        "it permits 5 pairs of known addresses, of which 1 were seen",
    )


def test_rules_that_name_it_already() -> None:
    once = "connections: [{id: ONCE, allow: 'th/* -> jp/* : https', expires: 2024-02-01}]"
    assert notes(seen(443), policy=once) == (
        "ONCE covered 10.40.0.9 -> 10.1.0.1 : tcp/443 and expired 2024-02-01: renew it rather",
    )
    (note,) = notes(seen(443), policy=once.replace("expires: 2024-02-01", "state: proposed"))
    assert note.startswith("ONCE is proposed already")
