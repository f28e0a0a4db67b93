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
from sekisho.audit.marks import Mark, worst
from sekisho.audit.onset import onset
from sekisho.audit.parties import described
from sekisho.audit.registry import OF_AUTOMATION
from sekisho.audit.severity import grade
from sekisho.audit.sight import Sight, View, seen_at
from sekisho.audit.translated import Translations
from sekisho.audit.volume import byte_range
from sekisho.inventory.register import Inventory
from sekisho.model import protocols
from sekisho.model.addresses import address_of
from sekisho.model.findings import Automation, Check, End, Finding, Life, NearestRule, Onset, finding_id
from sekisho.model.services import service_label, service_of
from sekisho.model.tunnels import tunnel_of
from sekisho.model.verdicts import FOUND, SEVERITIES, FindingKind, Rank, Severity
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
    all of connections that are older than the window, `lives` what people decided by finding id, `marks`
    what is said of connections besides their verdict, the worst first, `automation` the columns of
    those that were looked at for it, `translations` whose addresses stand for others.
    """

    inventory: Inventory
    compiled: CompiledPolicy
    coverage: Coverage
    sight: Sight
    views: Mapping[Key, Sequence[View]]
    before: Mapping[Key, datetime] = field(default_factory=dict)
    lives: Mapping[str, Life] = field(default_factory=dict)
    marks: Mapping[Key, Sequence[Mark]] = field(default_factory=dict)
    automation: Mapping[Key, Automation] = field(default_factory=dict)
    translations: Translations | None = None
    _hosts: dict[tuple[str, int, int, int], _Host] = field(default_factory=dict)
    _closest: dict[tuple[int, int, int, int, int], Closest | None] = field(default_factory=dict)

    def build(self, rows: Iterable[Mapping[str, Any]]) -> list[Finding]:
        """Findings by severity, then onset. `rows` are the violations of the store, and the measures of
        connections that are none but have marks."""
        found = [self.finding(row) for row in rows]
        return sorted(found, key=lambda f: (SEVERITIES.index(f.severity), f.onset.at, f.id))

    def finding(self, row: Mapping[str, Any]) -> Finding:
        """The finding of a connection that violates, or has a mark."""
        key = key_of(row)
        marks = self.marks.get(key, ())
        views = self.views[key]
        # Who the ends were when it was what the verdict says: an address may have moved since first seen.
        at = row["judged_at"]
        src = self._host(row["src_realm"], row["src_hi"], row["src_lo"], at)
        dst = self._host(row["dst_realm"], row["dst_hi"], row["dst_lo"], at)
        here, there = src.party.site, dst.party.site
        # The store's times are those of the initiator's side wherever it saw the flow.
        first = row["first_seen"]
        recorders = frozenset(view.sensor for view in views)
        able = self.sight.able(here, there, src.party.outside or dst.party.outside) | recorders
        verdict = Rank(row["rank"]).verdict
        # Without a flow nothing was judged: what else is on record makes it a finding.
        violates = verdict in FOUND and row["flows"] > 0
        nearest = self._nearest(row, src.end, dst.end, at) if violates else None
        began = self._began(row, src.end, dst.end, able, () if violates else marks)
        out = byte_range(row["bytes_out"], row["bytes_out_spread"], row["flags"])
        back = byte_range(row["bytes_in"], row["bytes_in_spread"], row["flags"])
        protocol = protocols.name(row["protocol"])
        known = service_of(row["protocol"], row["port"])
        service = service_label(row["protocol"], row["port"])
        subject = Subject(
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
            automation=self.automation.get(key),
        )
        severity, checks = _graded(subject, marks)
        if self.translations is not None and (unresolved := self.translations.unresolved(key)):
            checks = (*checks, unresolved)
        kind, *also = _kinds(violates, marks)
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
            opaque=tunnel.kind if (tunnel := tunnel_of(row["protocol"], row["port"])) else None,
            kind=kind,
            also=tuple(also),
            verdict=verdict,
            severity=severity,
            src=src.shown,
            dst=dst.shown,
            protocol=protocol,
            port=row["port"],
            service=service,
            first_seen=first,
            last_seen=max(_last(row["last_seen"], () if violates else marks), first),
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
            automation=subject.automation,
            lacking=next((mark.lacking for mark in marks if mark.lacking is not None), None),
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

    def _began(
        self,
        row: Mapping[str, Any],
        src: judge.End,
        dst: judge.End,
        able: frozenset[str],
        marks: Sequence[Mark],
    ) -> Onset:
        """When what the finding is about began; `marks` are those that alone make it one."""
        since = [mark.since for mark in marks if mark.since is not None]
        if marks and len(since) == len(marks):
            if all(mark.kind == "indicator" for mark in marks):
                return onset(min(since), None, able, self.coverage)
            return Onset(at=min(since), kind="observed", why=f"since then: {marks[0].check.text}")
        before = self.before.get(key_of(row))
        if not marks:
            before = self._before(row, src, dst, before)
        return onset(row["first_seen"], row["first_established"], able, self.coverage, before=before)

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
            address = address_of(hi, lo)
            shown, party = described(self.inventory, realm, address, at)
            self._hosts[key] = _Host((realm, address), shown, party)
        return self._hosts[key]


def _graded(subject: Subject, marks: Sequence[Mark]) -> tuple[Severity, tuple[Check, ...]]:
    """The worst of what the verdict and the marks say, and the reasons of both."""
    said = tuple(mark.check for mark in marks)
    severities = [mark.severity for mark in marks]
    if subject.verdict not in FOUND or not subject.flows:
        if subject.automation is None:
            return worst(severities), said
        severity, checks = grade(subject, OF_AUTOMATION)
        return worst([severity, *severities]), (*said, *checks)
    severity, checks = grade(subject)
    return worst([severity, *severities]), (*checks, *said)


def _kinds(violates: bool, marks: Sequence[Mark]) -> tuple[FindingKind, ...]:
    """What the finding is, then what else; each once."""
    said = (mark.kind for mark in marks)
    return tuple(dict.fromkeys(("verdict", *said) if violates else said))


def _last(seen: datetime, marks: Sequence[Mark]) -> datetime:
    """When what the finding is about was last seen."""
    until = [mark.until for mark in marks if mark.until is not None]
    return max(until) if marks and len(until) == len(marks) else seen
