"""Whether a client's session into a relay could have gone unseen."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import ip_network
from typing import Any

from sekisho.audit.coverage import Coverage
from sekisho.audit.sight import Sight
from sekisho.inventory.register import Inventory
from sekisho.model.sites import Relay


class Watch:
    """Who watches the client's side of a relay that stands in `site` (None: in none); `clients` are the
    sites from which sessions into it were recorded."""

    def __init__(
        self,
        relay: Relay,
        site: str | None,
        clients: Iterable[str | None],
        inventory: Inventory,
        coverage: Coverage,
    ) -> None:
        self._coverage, self._site = coverage, site
        sight = Sight(inventory.sensors)
        self._edge = sight.edge(site) | sight.able(site, None, outside=True)
        inside = sight.able(site, site, outside=False)
        own = not relay.serves or any(site in _sites(one, inventory, relay) for one in relay.serves)
        self._inside_unseen = own and not inside and site not in set(clients)

    def unseen(self, at: Any) -> str | None:
        """Why a session into it at `at` (aware) may not have been recorded; None where it would be."""
        if self._site is None:
            return "it stands in no site: no sensor is known to see its clients"
        if self._inside_unseen:
            return f"no sensor sees who uses it inside {self._site}"
        if not any(self._coverage.alive(sensor, at) for sensor in self._edge):
            return f"{self._site} was not watched then"
        return None


def _sites(one: Any, inventory: Inventory, relay: Relay) -> frozenset[str]:
    if isinstance(one, str):
        return frozenset({one.partition("/")[0]})
    return inventory.sites_of(relay.realm, ip_network(one))
