"""An address at one time, as documents show it and as severity weighs it."""

from __future__ import annotations

from datetime import datetime

from sekisho.audit.base import Party
from sekisho.inventory.register import Inventory
from sekisho.model.addresses import IPAddress
from sekisho.model.findings import End


def described(inventory: Inventory, realm: str, address: IPAddress, at: datetime) -> tuple[End, Party]:
    """What the register of `at` (aware UTC) says of an address in a realm."""
    place = inventory.place(realm, address, at)
    asset = place.asset
    end = End(
        address=str(address),
        realm=realm or None,
        asset=asset.hostname if asset else None,
        site=place.site,
        country=place.country,
        groups=place.groups,
        criticality=asset.criticality if asset else None,
    )
    party = Party(
        name=end.asset or end.address,
        site=place.site,
        country=place.country,
        outside=place.site is None and (place.globally_routable or bool(place.zones)),
        criticality=asset.criticality if asset else "normal",
    )
    return end, party
