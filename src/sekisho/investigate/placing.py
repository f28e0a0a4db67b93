"""What the inventory knows of a host of the fabric."""

from __future__ import annotations

from sekisho.inventory.register import Inventory, Placement
from sekisho.investigate.fabric import Fabric
from sekisho.investigate.moments import moment
from sekisho.model.addresses import parse_address


def placed(inventory: Inventory, fabric: Fabric, host: int, at: int) -> Placement:
    """Who its address was at a time (microseconds)."""
    address = parse_address(fabric.address(host))
    return inventory.place(fabric.realm(host), address, moment(at))
