"""The one place that connects everything: a workspace's parts, opened with its settings."""

from __future__ import annotations

import os

from sekisho.app.workspace import Workspace
from sekisho.inventory.files import load_inventory
from sekisho.inventory.register import Inventory
from sekisho.model.addresses import IPNetwork, key
from sekisho.store.base import AddressRange, SensorTraits
from sekisho.store.lake import Lake


def open_lake(workspace: Workspace, *, create: bool = True) -> Lake:
    """The flow lake, with the limits of the settings. Use it as a context manager."""
    store = workspace.settings(os.environ).settings.store
    return Lake.open(
        workspace.lake,
        create=create,
        memory_limit=f"{store.memory_limit}B",
        threads=store.threads,
        lock_timeout=store.lock_timeout,
    )


def traits_of(inventory: Inventory) -> dict[str, SensorTraits]:
    """What the lake must know of the sensors: at which addresses each is at home."""
    traits = {}
    for sensor in inventory.sensors.values():
        site = inventory.sites.get(sensor.site)
        home: tuple[AddressRange, ...] = ()
        if site is not None:
            home = tuple(_range(site.realm, dated.prefix) for dated in site.prefixes)
        traits[sensor.name] = SensorTraits(sensor.site, home)
    return traits


def _range(realm: str, prefix: IPNetwork) -> AddressRange:
    first, last = prefix.network_address, prefix.broadcast_address
    return AddressRange(realm, *key(first), *key(last))


def read_inventory(workspace: Workspace) -> Inventory:
    """Sites, sensors and assets as the files stand. Raises FileProblems."""
    return load_inventory(workspace.root)
