"""Steps as documents: who, when first, with which evidence, and what nobody could see."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sekisho.audit.coverage import Coverage
from sekisho.audit.onset import onset
from sekisho.audit.sight import Sight
from sekisho.audit.volume import byte_range
from sekisho.investigate.changing import Changes
from sekisho.investigate.fabric import RESIDUAL, Fabric
from sekisho.investigate.factors import logon
from sekisho.investigate.logbook.telling import LogonTeller
from sekisho.investigate.moments import EPOCH, moment
from sekisho.investigate.proof import EACH, Proof
from sekisho.investigate.relays.telling import Passed
from sekisho.investigate.steps import Scored
from sekisho.investigate.technique import technique
from sekisho.model import protocols
from sekisho.model.findings import Onset
from sekisho.model.hops import AssetRole, Evidence, Factor, HopDocument, OtherUse
from sekisho.model.services import service_label
from sekisho.model.techniques import technique_name
from sekisho.model.verdicts import Rank

CONFIRMED = 0.9


@dataclass(slots=True)
class Teller:
    """Writes hops. `proof` is what is on record of the steps' connections, `changes` since when they were used
    otherwise, `others` the further steps between the two hosts of one, `logons` what logons say, `passed` what
    went through relays.
    """

    fabric: Fabric
    coverage: Coverage
    sight: Sight
    proof: Proof
    changes: Changes
    others: Mapping[Scored, Sequence[Scored]]
    logons: LogonTeller
    passed: Passed
    _told: dict[int, HopDocument] = field(default_factory=dict)

    def factors(self, weights: Iterable[Any]) -> tuple[Factor, ...]:
        """Weights as a document has them, the heaviest first."""
        kept = sorted((w for w in weights if w.value), key=lambda w: -abs(w.value))
        return tuple(Factor(id=w.id, weight=round(w.value, 2), text=w.text) for w in kept)

    def role(self, scored: Scored) -> AssetRole:
        """What the step makes of the host it leads to."""
        residual = int(self.fabric.rank[scored.step.row]) in RESIDUAL
        evident = any(w.id == logon.ID and w.value >= logon.TELLING for w in scored.weights)
        sure = scored.fixed or ((residual or evident) and scored.likelihood >= CONFIRMED)
        return "confirmed" if sure else "suspected"

    def hop(self, scored: Scored, arrived: int | None) -> HopDocument:
        """One step; `arrived` is when control had come to its tail (microseconds), as far as is known."""
        row = scored.step.row
        if row not in self._told:
            self._told[row] = self._hop(scored, arrived)
        return self._told[row]

    def _hop(self, scored: Scored, arrived: int | None) -> HopDocument:
        fabric, step, row = self.fabric, scored.step, scored.step.row
        src, dst = fabric.ends(row)
        protocol, port = int(fabric.protocol[row]), int(fabric.port[row])
        key = self.proof.keys[row]
        measured = self.proof.measures.get(key)
        name, why = self.technique(scored)
        changed, changed_why = self.changes.first(row)
        return HopDocument(
            src=fabric.address(src),
            src_realm=fabric.realm(src) or None,
            src_site=fabric.site(src),
            dst=fabric.address(dst),
            dst_realm=fabric.realm(dst) or None,
            dst_site=fabric.site(dst),
            port=port,
            protocol=protocols.name(protocol),
            service=service_label(protocol, port),
            at=moment(scored.at),
            at_kind="on_or_before" if scored.bounded else "observed",
            kind=step.kind,
            technique=name,
            technique_name=technique_name(name),
            technique_why=why,
            verdict=Rank(int(fabric.rank[row])).verdict,
            likelihood=round(scored.likelihood, 4),
            role=self.role(scored),
            onset=self.onset(scored),
            changed=changed,
            changed_why=changed_why,
            changes=self.changes.of.get(row, ()),
            sessions=self._sessions(row, measured),
            bytes_out=self._bytes(row, measured, "out"),
            bytes_in=self._bytes(row, measured, "in"),
            evidence=self.evidence(row, scored.at),
            why=self.factors(scored.weights),
            also=tuple(self._other(one) for one in self.others.get(scored, ())),
            account=self.logons.account(row),
            logons=self.logons.hop(row),
            unobservable=self._hidden(step.tail, arrived, scored.at),
            through=self.passed.through(row, scored.at),
            hidden_behind=self.passed.hidden_behind(row),
        )

    def technique(self, scored: Scored) -> tuple[str, str]:
        """Id and reason."""
        step, fabric = scored.step, self.fabric
        return technique(
            step.kind,
            int(fabric.protocol[step.row]),
            int(fabric.port[step.row]),
            from_outside=not fabric.internal(step.tail),
            factors={w.id for w in scored.weights},
        )

    def _other(self, scored: Scored) -> OtherUse:
        fabric, row = self.fabric, scored.step.row
        protocol, port = int(fabric.protocol[row]), int(fabric.port[row])
        return OtherUse(
            port=port,
            protocol=protocols.name(protocol),
            service=service_label(protocol, port),
            at=moment(scored.at),
            kind=scored.step.kind,
            technique=self.technique(scored)[0],
            verdict=Rank(int(fabric.rank[row])).verdict,
            likelihood=round(scored.likelihood, 4),
            sessions=int(fabric.flows[row]),
            account=self.logons.account(row),
            logons=self.logons.hop(row),
            evidence=self.evidence(row, scored.at),
        )

    def _sessions(self, row: int, measured: Mapping[str, Any] | None) -> int:
        if measured is None or row in self.passed.stitches:
            return int(self.fabric.flows[row])
        return int(measured["flows"])

    def _bytes(self, row: int, measured: Mapping[str, Any] | None, way: str) -> Any:
        if measured is None:
            return None
        if row in self.passed.stitches:
            return self.passed.bytes_of(row, measured, way)
        return byte_range(measured[f"bytes_{way}"], measured[f"bytes_{way}_spread"], measured["flags"])

    def onset(self, scored: Scored) -> Onset:
        """The earliest of the connection in all evidence; of one that no rule allows, of those flows."""
        return self.onset_of(scored.step.row)

    def onset_of(self, row: int) -> Onset:
        """The same of a connection that the proof is of, by its row."""
        key, fabric = self.proof.keys[row], self.fabric
        src, dst = fabric.ends(row)
        measured = self.proof.measures.get(key)
        able = self.able(src, dst) | {view.sensor for view in self.proof.views.get(key, ())}
        first = measured["first_seen"] if measured else moment(int(fabric.first[row]))
        established = measured["first_established"] if measured else None
        began = self.passed.began(row)
        if began is not None:
            return onset(began, began, able, self.coverage)
        before = self.proof.first.get(key)
        older = before is not None and before < first and int(fabric.rank[row]) not in RESIDUAL
        return onset(first, established, able, self.coverage, before=before if older else None)

    def able(self, src: int, dst: int) -> frozenset[str]:
        """Sensors that could have seen a connection of two hosts."""
        sites = self.fabric.site(src), self.fabric.site(dst)
        return self.sight.able(*sites, outside=None in sites)

    def evidence(self, row: int, at: int) -> tuple[Evidence, ...]:
        """Records at the time of the step, else the first of the connection, else its day's roll-up."""
        passed = self.passed.evidence(row)
        if passed:
            return passed
        records = self.proof.records.get(self.proof.keys[row], ())
        near = [one for one in records if one.at and abs(one.at - moment(at)) < timedelta(minutes=10)]
        if near or records:
            return tuple((near or list(records))[:EACH])
        return tuple(
            Evidence(
                day=EPOCH + timedelta(days=day.day), text="roll-up; raw flows of that day are gone"
            )
            for day in self.proof.days.get(row, ())[:1]
        )

    def _hidden(self, tail: int, arrived: int | None, at: int) -> str | None:
        """A time without coverage at the host that took the step, between control's coming and the step."""
        site = self.fabric.site(tail)
        if self.fabric.hidden(tail):
            return "who took it is hidden behind a relay, and with them what led to it"
        sensors = self.sight.edge(site) | self.sight.able(site, None, outside=True)
        if not sensors:
            return None if site is None else f"no sensor watches {site}"
        end = moment(at)
        begin = moment(arrived) if arrived is not None else end - timedelta(days=7)
        gaps = list(blind(self.coverage, sensors, begin, end))
        if not gaps:
            return None
        hours = sum((until - since).total_seconds() for since, until in gaps) / 3600
        since = f"{gaps[0][0]:%Y-%m-%d %H:%M} UTC"
        return f"{site} was not watched for {hours:.0f} h of the time before it, from {since}"


def blind(
    coverage: Coverage, sensors: frozenset[str], begin: datetime, end: datetime
) -> Iterable[tuple[datetime, datetime]]:
    """Times in a window in which none of the sensors had coverage, an hour long at least."""
    at = begin
    for first, last in coverage.covered(sensors):
        since, until = EPOCH + timedelta(hours=first), EPOCH + timedelta(hours=last)
        if until <= at:
            continue
        if since >= end:
            break
        if since - at >= timedelta(hours=1):
            yield at, since
        at = max(at, until)
    if end - at >= timedelta(hours=1):
        yield at, end
