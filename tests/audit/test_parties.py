"""What the register says of an address, at its time."""

from __future__ import annotations

from datetime import UTC, datetime

from sekisho.audit.parties import described
from sekisho.inventory.register import Inventory
from sekisho.model.addresses import parse_address

AT = datetime(2020, 6, 3, tzinfo=UTC)


def test_an_address_of_a_site(inventory: Inventory) -> None:
    asset = next(iter(inventory.assets))
    end, party = described(inventory, "", asset.address, AT)
    assert (end.address, end.asset, end.realm) == (str(asset.address), asset.hostname, None)
    assert (end.criticality, party.criticality) == (asset.criticality, asset.criticality)
    assert end.site == party.site is not None
    assert (party.name, party.outside) == (asset.hostname, False)


def test_an_address_outside(inventory: Inventory) -> None:
    end, party = described(inventory, "", parse_address("8.8.8.8"), AT)
    assert (end.site, end.asset, end.groups) == (None, None, ())
    assert (party.name, party.outside, party.criticality) == ("8.8.8.8", True, "normal")
    unmapped = described(inventory, "", parse_address("192.168.77.1"), AT)[1]
    assert not unmapped.outside
