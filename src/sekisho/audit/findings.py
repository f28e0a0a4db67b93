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
from sekisho.audit.sight import Sight, View, first_view, seen_at
from sekisho.audit.volume import byte_range
from sekisho.inventory.register import Inventory, Placement
from sekisho.model import protocols
from sekisho.model.addresses import address_of, text_of
from sekisho.model.findings import End, Finding, Life, NearestRule, finding_id
from sekisho.model.services import service_label, service_of
from sekisho.model.verdicts import SEVERITIES, Rank
from sekisho.policy import judge
from sekisho.policy.compile import CompiledPolicy
from sekisho.policy.nearest import Closest

SLACK = 0.25
"""Seconds that corrected times of one flow may differ at two sensors: jitter, drift and delay."""


@dataclass(slots=True)
class Builder:
    """Makes findings of one audit; what many findings share is worked out once.

    `views` holds each connection's violating flows as every sensor saw them, `offsets` how many seconds
    each sensor's clock is ahead, `before` the first time of all of connections that are older than the
    window, `lives` what people decided by finding id.
    """

    inventory: Inventory
    compiled: CompiledPolicy
    coverage: Coverage
    sight: Sight
    views: Mapping[Key, Sequence[View]]
    offsets: Mapping[str, float] = field(default_factory=dict)
    before: Mapping[Key, datetime] = field(default_factory=dict)
    lives: Mapping[str, Life] = field(default_factory=dict)
    _places: dict[tuple[str, int, int, int], Placement] = field(default_factory=dict)
    _closest: dict[tuple[int, int, int, int, int], Closest | None] = field(default_factory=dict)

    def build(self, rows: Iterable[Mapping[str, Any]]) -> list[Finding]:
        """Findings by severity, then onset. `rows` are the violations of the store."""
        found = [self.finding(row) for row in rows]
        return sorted(found, key=lambda f: (SEVERITIES.index(f.severity), f.onset.at, f.id))

    def finding(self, row: Mapping[str, Any]) -> Finding:
        """One finding of one violating connection."""
        views = self.views[key_of(row)]
        src = self._place(row["src_realm"], row["src_hi"], row["src_lo"], row["first_seen"])
        dst = self._place(row["dst_realm"], row["dst_hi"], row["dst_lo"], row["first_seen"])
        source_edge, destination_edge = self.sight.edge(src.site), self.sight.edge(dst.site)
        first, established = first_view(views, self.sight.side(src.site), self.offsets, SLACK)
        if row["established"] and established is None:
            established = first
        recorders = frozenset(view.sensor for view in views)
        able = self.sight.able(src.site, dst.site, _outside(src) or _outside(dst)) | recorders
        nearest = self.nearest(row, first)
        verdict = Rank(row["rank"]).verdict
        began = onset(first, established, able, self.coverage, before=self._before(row))
        out = byte_range(row["bytes_out"], row["bytes_out_spread"], row["flags"])
        back = byte_range(row["bytes_in"], row["bytes_in_spread"], row["flags"])
        src_end = _end(row["src_realm"], row["src_hi"], row["src_lo"], src)
        dst_end = _end(row["dst_realm"], row["dst_hi"], row["dst_lo"], dst)
        protocol = protocols.name(row["protocol"])
        known = service_of(row["protocol"], row["port"])
        service = service_label(row["protocol"], row["port"])
        severity, checks = grade(
            Subject(
                verdict=verdict,
                src=_party(src_end, src),
                dst=_party(dst_end, dst),
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
            src_end.address, dst_end.address, protocol, row["port"], row["src_realm"], row["dst_realm"]
        )
        return Finding(
            id=name,
            verdict=verdict,
            severity=severity,
            src=src_end,
            dst=dst_end,
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
            seen_at=seen_at(views, source_edge, destination_edge, self.coverage),
            nearest_rule=nearest,
            checks=checks,
            life=self.lives.get(name, Life()),
        )

    def nearest(self, row: Mapping[str, Any], at: datetime) -> NearestRule | None:
        """The rule that came closest at that time, looked up once for all connections like this one."""
        key = (
            row["src_class"],
            row["dst_class"],
            row["protocol"],
            row["port"],
            bisect_right(self.compiled.cuts, at),
        )
        src, dst = _ends(row)
        if key not in self._closest:
            self._closest[key] = self.compiled.closest(src, dst, row["protocol"], row["port"], at)
        found = self._closest[key]
        return NearestRule(id=found.rule, why_not=found.why_not(src, dst)) if found else None

    def _before(self, row: Mapping[str, Any]) -> datetime | None:
        """When the connection was seen before the window, unless it was as it should be then."""
        before = self.before.get(key_of(row))
        if before is None:
            return None
        verdict = self.compiled.verdict(*_ends(row), row["protocol"], row["port"], before)
        return before if verdict >= Rank.UNMAPPED else None

    def _place(self, realm: str, hi: int, lo: int, at: datetime) -> Placement:
        key = (realm, hi, lo, bisect_right(self.inventory.change_points, at))
        if key not in self._places:
            self._places[key] = self.inventory.place(realm, address_of(hi, lo), at)
        return self._places[key]


def _ends(row: Mapping[str, Any]) -> tuple[judge.End, judge.End]:
    return (
        (row["src_realm"], address_of(row["src_hi"], row["src_lo"])),
        (row["dst_realm"], address_of(row["dst_hi"], row["dst_lo"])),
    )


def _outside(placement: Placement) -> bool:
    return placement.site is None and (placement.globally_routable or bool(placement.zones))


def _end(realm: str, hi: int, lo: int, placement: Placement) -> End:
    asset = placement.asset
    return End(
        address=text_of(hi, lo),
        realm=realm or None,
        asset=asset.hostname if asset else None,
        site=placement.site,
        country=placement.country,
        groups=placement.groups,
        criticality=asset.criticality if asset else None,
    )


def _party(end: End, placement: Placement) -> Party:
    return Party(
        name=end.asset or end.address,
        site=placement.site,
        country=placement.country,
        outside=_outside(placement),
        criticality=placement.asset.criticality if placement.asset else "normal",
    )
