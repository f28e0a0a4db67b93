"""What left, as documents."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from ipaddress import ip_network

from sekisho.audit.evidence import Key
from sekisho.audit.volume import byte_range
from sekisho.inventory.register import Inventory
from sekisho.investigate.factors.base import Weight
from sekisho.investigate.leaving.factors import SLOW_DAYS, SLOW_EACH
from sekisho.investigate.leaving.holdings import holdings
from sekisho.investigate.leaving.judging import Incident, Item
from sekisho.investigate.leaving.parties import Party
from sekisho.investigate.moments import EPOCH, moment
from sekisho.investigate.placing import placed
from sekisho.investigate.proof import EACH
from sekisho.investigate.telling import Teller
from sekisho.model.addresses import parse_address
from sekisho.model.findings import Bytes
from sekisho.model.hops import Evidence
from sekisho.model.incidents import Collected, Exfiltration, Holdings, TimelineItem
from sekisho.model.services import service_label
from sekisho.model.sites import Asset
from sekisho.model.sizes import sizes
from sekisho.model.techniques import technique_name

PRIVATE = tuple(
    ip_network(text)
    for text in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7")
)
"""RFC 1918, RFC 6598, RFC 4193."""
OTHER_DAY = "its ordinary volume on these days is not known exactly"


@dataclass(slots=True)
class Writer:
    """Writes what left. `keys` are those of its connections, `records` their raw records, `named` what logs
    name of it, `parties` who stands behind addresses."""

    incident: Incident
    inventory: Inventory
    teller: Teller
    keys: Mapping[int, Key]
    records: Mapping[Key, Sequence[Evidence]]
    named: Mapping[Item, Sequence[Evidence]] = field(default_factory=dict)
    parties: Mapping[Item, Party] = field(default_factory=dict)

    def item(self, one: Item) -> Exfiltration:
        """One."""
        fabric = self.incident.fabric
        party = self.parties.get(one) or self.incident.parties.get(one.dst)
        name = self._technique(one, party)
        return Exfiltration.model_validate(
            {
                "src": fabric.address(one.src),
                "src_realm": fabric.realm(one.src) or None,
                "src_site": fabric.site(one.src),
                "dst": fabric.address(one.dst),
                "dst_realm": fabric.realm(one.dst) or None,
                "dst_site": fabric.site(one.dst),
                "external": self._external(one.dst),
                "bytes": _bytes(one),
                "from": moment(one.first),
                "to": moment(one.last),
                "technique": name,
                "technique_name": technique_name(name),
                "services": tuple(
                    dict.fromkeys(
                        service_label(int(fabric.protocol[row]), int(fabric.port[row]))
                        for row in one.rows
                    )
                ),
                "party": party.name if party else None,
                "likelihood": round(one.likelihood, 4),
                "holds": self._holds(one.src, one.first),
                "collected": tuple(
                    self._collected(part)
                    for part in sorted(one.collected, key=lambda part: (part.first, part.src))
                ),
                "why": self.teller.factors(one.weights),
                "evidence": (*self._evidence(one), *self.named.get(one, ())),
            }
        )

    def asset(self, host: int, at: int) -> Asset | None:
        """What the inventory knows of a host at a time (microseconds)."""
        return placed(self.inventory, self.incident.fabric, host, at).asset

    def _external(self, host: int) -> bool:
        """Whether it is no host of the company: a private address that no site has may hide in its network."""
        if not self.incident.outside(host):
            return False
        address = parse_address(self.incident.fabric.address(host))
        return not any(address.version == one.version and address in one for one in PRIVATE)

    def _holds(self, host: int, at: int) -> Holdings | None:
        return holdings(self.asset(host, at))

    def _collected(self, part: Item) -> Collected:
        fabric = self.incident.fabric
        return Collected(
            address=fabric.address(part.src),
            realm=fabric.realm(part.src) or None,
            bytes=_bytes(part),
            holds=self._holds(part.src, part.first),
        )

    def _technique(self, one: Item, party: Party | None) -> str:
        if not self.incident.outside(one.dst):
            ids = {weight.id for weight in one.weights}
            return "T1074.002" if "onward" in ids else "T1039" if "service" in ids else "T1074"
        if one.dst in self.incident.steering:
            return "T1041"
        if party is not None and party.kind in ("storage", "mixed"):
            return "T1567.002"
        if party is not None and party.kind != "zone":
            return "T1567"
        daily = one.daily
        slow = len(daily) >= SLOW_DAYS and max(daily.values()) <= SLOW_EACH
        return "T1030" if slow else "T1048"

    def _evidence(self, one: Item) -> Iterator[Evidence]:
        begin, end = moment(one.first), moment(one.last)
        found = [
            record
            for row in one.rows
            for record in self.records.get(self.keys[row], ())
            if record.at is not None and begin - timedelta(minutes=5) <= record.at <= end
        ]
        for row in one.rows:
            stitch = self.teller.passed.stitches.get(row)
            if stitch is not None:
                yield Evidence(text=f"through the relay {stitch.relay.name}: {stitch.why}")
        yield from sorted(found, key=lambda record: (record.at, record.path))[:EACH]
        if not found:
            days = sorted({day.day for part in one.parts for day in part.days})
            for day in days[:EACH]:
                text = "roll-up; raw flows of that day are gone"
                yield Evidence(day=EPOCH + timedelta(days=day), text=text)


def timeline(left: Iterable[Exfiltration]) -> Iterator[TimelineItem]:
    """When it began to leave, each once."""
    for one in left:
        party = f" ({one.party})" if one.party else ""
        where = "outside" if one.external else "inside"
        kept = f", which keeps {'; '.join(one.holds.data)}," if one.holds and one.holds.data else ""
        until = f"until {one.end:%Y-%m-%d %H:%M} UTC"
        yield TimelineItem(
            at=one.begin,
            kind="leaving",
            text=(
                f"{sizes(one.bytes.low, one.bytes.high)} began to go from {one.src}{kept} to"
                f" {one.dst}{party}, {where}, {until} ({one.technique})"
            ),
            evidence=one.evidence,
            site=one.src_site,
            source="flows",
        )


def _bytes(one: Item) -> Bytes:
    found = byte_range(one.low, one.spread, one.flags)
    if found.why and any(part.age in ("departed", "above") for part in one.parts):
        return found.model_copy(update={"why": OTHER_DAY})
    return found


def with_party(item: Item, party: Party | None) -> Item:
    """The item with what a name in its flows adds to its reasons."""
    if party is None or any(weight.id in ("cloud", "zone") for weight in item.weights):
        return item
    return replace(item, weights=(*item.weights, Weight("cloud", 0.4, party.said)))
