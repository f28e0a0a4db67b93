from __future__ import annotations

from datetime import UTC, datetime
from ipaddress import ip_address
from pathlib import Path

import pytest

from sekisho.errors import FileProblems
from sekisho.inventory.files import load_inventory
from sekisho.inventory.register import Inventory

SITES = """\
sites:
  jp-hq: {name: Head office, country: JP, owner: it, prefixes: [10.1.0.0/16]}
  th-plant: {name: Plant, country: TH, owner: it, prefixes: [10.40.0.0/16]}
groups:
  th-plant/admins: [10.40.7.0/28]
relays:
"""


def read(folder: Path, *entries: str) -> Inventory:
    (folder / "sites.yaml").write_text(SITES + "".join(f"  {entry}\n" for entry in entries))
    return load_inventory(folder)


def on(month: int) -> datetime:
    return datetime(2024, month, 15, tzinfo=UTC)


def test_relays_are_dated_and_have_several_addresses(tmp_path: Path) -> None:
    inventory = read(
        tmp_path,
        "gate: {kind: nat, addresses: [203.0.113.1, {prefix: 10.1.0.1, until: 2024-03-31}]}",
        "jump: {kind: jump, addresses: 10.1.0.1, from: 2024-04-01}",
    )
    known = inventory.relaying("", ip_address("10.1.0.1"))
    assert [(relay.name, held.holds(on(2)), held.holds(on(5))) for relay, held in known] == [
        ("gate", True, False),
        ("jump", False, True),
    ]
    assert [relay.kind for relay, _ in inventory.relaying("", ip_address("203.0.113.1"))] == ["nat"]
    assert inventory.relaying("other", ip_address("10.1.0.1")) == ()


def test_whom_it_serves_is_said_by_site_group_or_prefix(tmp_path: Path) -> None:
    inventory = read(
        tmp_path,
        "jump: {kind: jump, addresses: 10.1.0.1, serves: [th-plant/admins, 10.1.9.0/24]}",
        "proxy: {kind: proxy, addresses: 10.1.0.2, serves: th-plant}",
        "vpn: {kind: vpn, addresses: 10.1.0.3}",
    )

    def served(name: str) -> list[bool]:
        ends = ("10.40.7.3", "10.40.8.3", "10.1.9.1", "10.1.8.1")
        return [inventory.serves(inventory.relays[name], "", ip_address(e), on(2)) for e in ends]

    assert served("jump") == [True, False, True, False]
    assert served("proxy") == [True, True, False, False]
    assert served("vpn") == [True] * 4


@pytest.mark.parametrize(
    ("entries", "line", "said"),
    [
        (["x: {kind: router, addresses: 10.1.0.1}"], 7, "nothing that `kind` may be"),
        (["x: {kind: nat}"], 7, "addresses"),
        (["x: {kind: nat, addresses: []}"], 7, "has no address"),
        (["x: {kind: nat, addresses: [10.1.0.0/16]}"], 7, "more than 256"),
        (["x: {kind: nat, addresses: [10.1.0.300]}"], 7, "no prefix or address"),
        (["x: {kind: nat, addresses: 10.1.0.1, serves: [th-plan]}"], 7, "did you mean `th-plant`"),
        (["x: {kind: nat, addresses: 10.1.0.1, realm: b}", "y: {kind: nat}"], 8, "addresses"),
        (
            ["x: {kind: nat, addresses: 10.1.0.1}", "y: {kind: jump, addresses: [10.1.0.0/30]}"],
            8,
            "of the relays x and y",
        ),
    ],
)
def test_a_slip_is_located(tmp_path: Path, entries: list[str], line: int, said: str) -> None:
    with pytest.raises(FileProblems) as caught:
        read(tmp_path, *entries)
    told = [str(one) for one in caught.value.problems if one.level == "error"]
    assert any(said in one and f"sites.yaml:{line}:" in one for one in told), told
