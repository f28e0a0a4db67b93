"""Who may deliver, and what is theirs: the collectors of the settings with the sensors of their sites."""

from __future__ import annotations

import os
import threading
from collections.abc import Mapping
from dataclasses import dataclass

from sekisho.app.mappings import load_mapping
from sekisho.app.wiring import read_inventory
from sekisho.app.workspace import Workspace
from sekisho.errors import RequestError
from sekisho.inventory.register import Inventory
from sekisho.model.sites import Sensor
from sekisho.sources.base import RawMapping
from sekisho.sources.forwarding.receiver import Collector


@dataclass(frozen=True, slots=True)
class Standing:
    """All of it as the files said at `stamp`."""

    stamp: tuple[object, ...]
    inventory: Inventory
    collectors: Mapping[str, Collector]
    sensors: Mapping[str, Mapping[str, Sensor]]
    """The sensors of each collector."""
    mappings: Mapping[str, RawMapping]


class Directory:
    """Read again whenever sekisho.toml or the inventory changes; safe between threads."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._lock = threading.Lock()
        self._standing: Standing | None = None

    def now(self) -> Standing:
        """As the files stand. Raises SekishoError where they cannot be read: what was is not used on."""
        with self._lock:
            stamp = self._stamp()
            if self._standing is None or self._standing.stamp != stamp:
                self._standing = None
                self._standing = self._read(stamp)
            return self._standing

    def collectors(self) -> Mapping[str, Collector]:
        """Those of this moment. Raises SekishoError."""
        return self.now().collectors

    def _stamp(self) -> tuple[object, ...]:
        found: list[object] = []
        for path in (self._workspace.settings_file, *self._workspace.inventory_files()):
            try:
                state = path.stat()
            except OSError as error:
                raise RequestError(f"cannot read {path}: {error.strerror}") from error
            found.append((path.name, state.st_mtime_ns, state.st_size, state.st_ino))
        return tuple(found)

    def _read(self, stamp: tuple[object, ...]) -> Standing:
        centre = self._workspace.settings(os.environ).settings.collect.centre
        inventory = read_inventory(self._workspace)
        sensors = {
            name: _own(inventory, name, one.sites or (name,)) for name, one in centre.collectors.items()
        }
        collectors = {
            name: Collector(
                name,
                one.certificates,
                frozenset(str(sensor.address) for sensor in sensors[name].values()),
            )
            for name, one in centre.collectors.items()
        }
        mappings = {
            sensor.name: load_mapping(self._workspace.root, sensor.mapping)
            for own in sensors.values()
            for sensor in own.values()
            if sensor.mapping
        }
        return Standing(stamp, inventory, collectors, sensors, mappings)


def _own(inventory: Inventory, name: str, sites: tuple[str, ...]) -> dict[str, Sensor]:
    for site in sites:
        if site not in inventory.sites:
            raise RequestError(
                f"collector {name}: there is no site {site!r} in sites.yaml",
                f"Name its sites in [collect.centre.collectors.{name}] sites = […].",
            )
    return {
        sensor.name: sensor
        for sensor in inventory.sensors.values()
        if sensor.site in sites and sensor.address is not None
    }
