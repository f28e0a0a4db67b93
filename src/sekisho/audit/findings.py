"""From a connection that should not be to a finding: who, what, since when, how serious, why."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sekisho.audit.base import Party, Subject
from sekisho.audit.coverage import Coverage
from sekisho.audit.evidence import Key, key_of
from sekisho.audit.onset import onset
from sekisho.audit.severity import grade
from sekisho.audit.sight import Sight, View, seen_at
from sekisho.audit.volume import byte_range
from sekisho.inventory.register import Inventory
from sekisho.model import protocols
from sekisho.model.addresses import address_of
from sekisho.model.findings import End, Finding, Life, NearestRule, finding_id
from sekisho.model.services import service_label, service_of
from sekisho.model.verdicts import SEVERITIES, Rank
from sekisho.policy import judge
from sekisho.policy.compile import CompiledPolicy
from sekisho.policy.nearest import Closest

_OPEN = Life()


@dataclass(frozen=True, slots=True)
class _Host:
    """An end at one time: as the policy, as documents and as the checks see it."""

    end: judge.End
    shown: End
    party: Party


@dataclass(slots=True)
class Builder:
    """Makes findings of one audit; what many findings share is worked out once.

    `views` holds each connection's violating flows as every sensor saw them, `before` the first time of
    all of connections that are older than the window, `lives` what people decided by finding id.
    """

    inventory: Inventory
    compiled: CompiledPolicy
    coverage: Coverage
    sight: Sight
    views: Mapping[Key, Sequence[View]]
    before: Mapping[Key, datetime] = field(default_factory=dict)
    lives: Mapping[str, Life] = field(default_factory=dict)
    _hosts: dict[tuple[str, int, int, int], _Host] = field(default_factory=dict)
    _closest: dict[tuple[int, int, int, int, int], Closest | None] = field(default_factory=dict)

    def build(self, rows: Iterable[Mapping[str, Any]]) -> list[Finding]:
        """Findings by severity, then onset. `rows` are the violations of the store."""
        found = [self.finding(row) for row in rows]
        return sorted(found, key=lambda f: (SEVERITIES.index(f.severity), f.onset.at, f.id))

    def finding(self, row: Mapping[str, Any]) -> Finding:
        """One finding of one violating connection."""
        key = key_of(row)
        views = self.views[key]
        # Who the ends were when it was what the verdict says: an address may have moved since first seen.
        at = row["judged_at"]
        src = self._host(row["src_realm"], row["src_hi"], row["src_lo"], at)
        dst = self._host(row["dst_realm"], row["dst_hi"], row["dst_lo"], at)
        here, there = src.party.site, dst.party.site
        # The store's times are those of the initiator's side wherever it saw the flow.
        first, established = row["first_seen"], row["first_established"]
        recorders = frozenset(view.sensor for view in views)
        able = self.sight.able(here, there, src.party.outside or dst.party.outside) | recorders
        nearest = self._nearest(row, src.end, dst.end, at)
        verdict = Rank(row["rank"]).verdict
        before = self._before(row, src.end, dst.end, self.before.get(key))
        began = onset(first, established, able, self.coverage, before=before)
        out = byte_range(row["bytes_out"], row["bytes_out_spread"], row["flags"])
        back = byte_range(row["bytes_in"], row["bytes_in_spread"], row["flags"])
        protocol = protocols.name(row["protocol"])
        known = service_of(row["protocol"], row["port"])
        service = service_label(row["protocol"], row["port"])
        severity, checks = grade(
            Subject(
                verdict=verdict,
                src=src.party,
                dst=dst.party,
                service=service,
                role=known.role if known else "other",
                flows=row["flows"],
                established=row["established"],
                days_active=row["days_active"],
                bytes_out=out.low,
                bytes_in=back.low,
                onset=began.kind,
                began=began.at,
                nearest=nearest.id if nearest else None,
            )
        )
        name = finding_id(
            src.shown.address,
            dst.shown.address,
            protocol,
            row["port"],
            row["src_realm"],
            row["dst_realm"],
        )
        return Finding(
            id=name,
            verdict=verdict,
            severity=severity,
            src=src.shown,
            dst=dst.shown,
            protocol=protocol,
            port=row["port"],
            service=service,
            first_seen=first,
            last_seen=max(row["last_seen"], first),
            days_active=row["days_active"],
            flows=row["flows"],
            established=row["established"],
            bytes_out=out,
            bytes_in=back,
            payload_out=row["payload_out"],
            payload_in=row["payload_in"],
            onset=began,
            sensors=tuple(sorted(recorders)),
            seen_at=seen_at(views, self.sight.edge(here), self.sight.edge(there), self.coverage),
            nearest_rule=nearest,
            checks=checks,
            life=self.lives.get(name, _OPEN),
        )

    def _nearest(
        self, row: Mapping[str, Any], src: judge.End, dst: judge.End, at: datetime
    ) -> NearestRule | None:
        """The rule that came closest at that time, looked up once for all connections like this one."""
        key = (
            row["src_class"],
            row["dst_class"],
            row["protocol"],
            row["port"],
            bisect_right(self.compiled.cuts, at),
        )
        if key not in self._closest:
            self._closest[key] = self.compiled.closest(src, dst, row["protocol"], row["port"], at)
        found = self._closest[key]
        return NearestRule(id=found.rule, why_not=found.why_not(src, dst)) if found else None

    def _before(
        self, row: Mapping[str, Any], src: judge.End, dst: judge.End, before: datetime | None
    ) -> datetime | None:
        """When the connection was seen before the window, unless it was as it should be then."""
        if before is None:
            return None
        verdict = self.compiled.verdict(src, dst, row["protocol"], row["port"], before)
        return before if verdict >= Rank.UNMAPPED else None

    def _host(self, realm: str, hi: int, lo: int, at: datetime) -> _Host:
        key = (realm, hi, lo, bisect_right(self.inventory.change_points, at))
        if key not in self._hosts:
            self._hosts[key] = self._host_at((realm, address_of(hi, lo)), at)
        return self._hosts[key]

    def _host_at(self, end: judge.End, at: datetime) -> _Host:
        realm, address = end
        place = self.inventory.place(realm, address, at)
        asset = place.asset
        shown = End(
            address=str(address),
            realm=realm or None,
            asset=asset.hostname if asset else None,
            site=place.site,
            country=place.country,
            groups=place.groups,
            criticality=asset.criticality if asset else None,
        )
        party = Party(
            name=shown.asset or shown.address,
            site=place.site,
            country=place.country,
            outside=place.site is None and (place.globally_routable or bool(place.zones)),
            criticality=asset.criticality if asset else "normal",
        )
        return _Host(end, shown, party)
