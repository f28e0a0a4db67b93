"""The sites of addresses, by the register as it stands."""

from __future__ import annotations

from datetime import UTC, datetime
from ipaddress import ip_address

from sekisho.app.wiring import read_inventory
from sekisho.app.workspace import Workspace
from sekisho.inventory.register import Inventory
from sekisho.model.sites import DEFAULT_REALM


class Sites:
    """Read again where the register's files have changed."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._inventory: Inventory | None = None
        self._stamp: tuple[object, ...] = ()

    def look(self) -> Inventory:
        """The register; read anew where it changed. Raises SekishoError."""
        stats = [(path.name, path.stat()) for path in self._workspace.inventory_files()]
        stamp = tuple((name, s.st_mtime_ns, s.st_size, s.st_ino) for name, s in stats)
        if self._inventory is None or stamp != self._stamp:
            self._inventory = read_inventory(self._workspace)
            self._stamp = stamp
        return self._inventory

    def site_of(self, address: str) -> str | None:
        """The site that it lies in now."""
        if self._inventory is None:
            return None
        try:
            found = ip_address(address)
        except ValueError:
            return None
        return self._inventory.place(DEFAULT_REALM, found, datetime.now(UTC)).site
