"""What the hosts and clocks of an investigation are called, in every format alike."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from sekisho.model.hops import HopDocument
from sekisho.model.incidents import Exfiltration, Holdings, InvestigationDocument
from sekisho.reports.units import Times


class Names:
    """Names of hosts and time zones of sites, as a document gives them."""

    def __init__(self, document: InvestigationDocument, times: Times) -> None:
        self._assets = {
            (one.realm or "", one.address): one.asset for one in document.scope.assets if one.asset
        }
        self._zones = {place.site: place.timezone for place in document.places}
        self._times = times

    def address(self, address: str, realm: str | None = None) -> str:
        """`10.40.2.10`, `acquired-co:10.40.2.10`."""
        return f"{realm}:{address}" if realm else address

    def short(self, address: str, realm: str | None = None) -> str:
        """The hostname where one is known, else the address."""
        return self._assets.get((realm or "", address)) or self.address(address, realm)

    def end(self, end: tuple[str, str]) -> str:
        """The same of `(realm, address)`."""
        return self.short(end[1], end[0])

    def host(self, address: str, realm: str | None = None, site: str | None = None) -> str:
        """`th-app02 (10.40.9.9) at th-plant`."""
        asset, plain = self._assets.get((realm or "", address)), self.address(address, realm)
        named = f"{asset} ({plain})" if asset else plain
        return f"{named} at {site}" if site else named

    def party(self, one: Exfiltration) -> str:
        """Where something went, and who stands there: `198.51.100.7 (a file service)`."""
        host = self.short(one.dst, one.dst_realm)
        return f"{host} ({one.party})" if one.party else host

    def there(self, at: datetime, site: str | None) -> str:
        """`17:00 +07:00`, with the day where it is another; empty without a zone, and where it is the
        reader's own."""
        zone = self._zones.get(site or "")
        if zone is None:
            return ""
        local, read = at.astimezone(ZoneInfo(zone)), at.astimezone(self._times.zone)
        if local.utcoffset() == read.utcoffset():
            return ""
        day = "" if local.date() == read.date() else f"{local:%Y-%m-%d} "
        offset = f"{local:%z}"
        return f"{day}{local:%H:%M} {offset[:3]}:{offset[3:5]}"

    def when(self, at: datetime, site: str | None = None) -> str:
        """`2020-06-04 10:00 UTC (17:00 +07:00 at th-plant)`."""
        local = self.there(at, site)
        shown = f"{self._times.minute(at)} {self._times.label}"
        return f"{shown} ({local} at {site})" if local else shown

    def taken(self, hop: HopDocument, site: str | None = None) -> str:
        """When a step was taken, with `or before` where nobody watched it begin."""
        before = " or before" if hop.at_kind == "on_or_before" else ""
        return self.when(hop.at, site) + before


def holdings(held: Holdings | None) -> str:
    """`customers; designs (about 30,000 people, aerospace)`; empty where the register says nothing."""
    if held is None:
        return ""
    people = f"about {held.people:,} people" if held.people is not None else ""
    about = ", ".join(part for part in (people, held.division or "") if part)
    data = "; ".join(held.data)
    return f"{data} ({about})" if data and about else data or about
