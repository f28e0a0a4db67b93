"""What a plan would cut, told of the evidence: connections, the rules and owners behind them, findings."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sekisho.audit.parties import described
from sekisho.audit.volume import byte_range
from sekisho.contain.cutting import Cutting
from sekisho.contain.proposal import Proposal
from sekisho.model import protocols
from sekisho.model.addresses import IPAddress, address_of, parse_address
from sekisho.model.findings import Bytes, End, Finding
from sekisho.model.previews import CutConnection, RuleShare, StoppedFinding, UnstoppedPair
from sekisho.model.rules import Rule
from sekisho.model.services import service_label, service_of
from sekisho.model.verdicts import Rank
from sekisho.policy.compile import CompiledPolicy

_WARNED = ("directory", "infrastructure")
"""Roles of services whose loss is felt everywhere: names, time, directories."""


@dataclass(slots=True)
class Preview:
    """Makes one preview. `now` (aware UTC) is when the register is asked; `since` begins the shorter window."""

    proposal: Proposal
    compiled: CompiledPolicy
    cutting: Cutting
    now: datetime
    since: datetime
    _ends: dict[tuple[str, int, int], _End] = field(default_factory=dict)
    _carrying: dict[tuple[int, int], tuple[str, ...]] = field(default_factory=dict)
    _verdicts: dict[tuple[int, int, int], tuple[Rank, Rule | None]] = field(default_factory=dict)

    def connections(self, rows: Iterable[Mapping[str, Any]]) -> list[CutConnection]:
        """The connections of the store's rows, by rule and then by volume; `gateways` is empty where none
        carries one."""
        found = [self._connection(row) for row in rows]
        return sorted(
            found, key=lambda c: (c.rule or "~", -c.bytes_out.high - c.bytes_in.high, *_name(c))
        )

    def stopped(self, findings: Iterable[Finding]) -> list[StoppedFinding]:
        """The findings whose connections are cut, in their order; `gateways` as above."""
        found = []
        for one in findings:
            src, dst = ((end.realm or "", parse_address(end.address)) for end in (one.src, one.dst))
            protocol = protocols.NUMBERS.get(one.protocol)
            number = protocol if protocol is not None else int(one.protocol)
            classes = self.proposal.atlas.class_of(*src), self.proposal.atlas.class_of(*dst)
            if self.cutting.cut(*classes, number, one.port):
                found.append(
                    StoppedFinding(
                        id=one.id,
                        verdict=one.verdict,
                        severity=one.severity,
                        src=one.src.address,
                        dst=one.dst.address,
                        service=one.service,
                        gateways=self.cutting.gateways(*classes),
                    )
                )
        return found

    def unstopped(
        self, connections: Iterable[CutConnection], findings: Sequence[StoppedFinding]
    ) -> list[UnstoppedPair]:
        """The pairs of places without a gateway, with what was seen between them. Every connection that no
        gateway cuts is in one of them."""
        why = {
            frozenset((one.begin, one.end)): (one.begin, one.end, one.why)
            for one in self.proposal.unenforceable
        }
        between: dict[frozenset[str], list[CutConnection]] = defaultdict(list)
        for one in connections:
            between[frozenset((self._place(one.src), self._place(one.dst)))].append(one)
        unstopped = {(f.src, f.dst, f.service): f.id for f in findings if not f.gateways}
        pairs = []
        for pair in [*why, *(pair for pair in between if pair not in why)]:
            here = between.get(pair, [])
            names = sorted(pair)
            begin, end, reason = why.get(pair) or (
                names[0],
                names[-1],
                f"no gateway of gateways.yaml carries {names[0]} <-> {names[-1]}",
            )
            ids = (unstopped.get((c.src.address, c.dst.address, c.service)) for c in here)
            pairs.append(
                UnstoppedPair.model_validate(
                    {
                        "from": begin,
                        "to": end,
                        "why": reason,
                        "connections": tuple(here),
                        "findings": tuple(one for one in ids if one),
                    }
                )
            )
        return pairs

    def _place(self, end: End) -> str:
        if end.site:
            return end.site
        place = self.proposal.atlas.inventory.place(
            end.realm or "", parse_address(end.address), self.now
        )
        if place.zones:
            return f"zone:{place.zones[0]}"
        return "internet" if place.globally_routable else "nowhere"

    def _connection(self, row: Mapping[str, Any]) -> CutConnection:
        src, dst = (
            self._end(row[f"{side}_realm"], row[f"{side}_hi"], row[f"{side}_lo"])
            for side in ("src", "dst")
        )
        protocol, port = row["protocol"], row["port"]
        rank, rule = self._judged(src, dst, protocol, port)
        return CutConnection(
            src=src.shown,
            dst=dst.shown,
            protocol=protocols.name(protocol),
            port=port,
            service=service_label(protocol, port),
            verdict=rank.verdict,
            rule=rule.id if rule else None,
            owner=(rule.owner or None) if rule else None,
            tier=rule.tier if rule else None,
            flows=row["flows"],
            days_active=row["days_active"],
            bytes_out=byte_range(row["bytes_out"], row["bytes_out_spread"], row["flags"]),
            bytes_in=byte_range(row["bytes_in"], row["bytes_in_spread"], row["flags"]),
            first_seen=row["first_seen"],
            last_seen=row["last_seen"],
            seldom=row["last_seen"] < self.since,
            gateways=self._gateways(row["src_class"], row["dst_class"]),
        )

    def _end(self, realm: str, hi: int, lo: int) -> _End:
        found = self._ends.get((realm, hi, lo))
        if found is None:
            at = realm, address_of(hi, lo)
            shown, _ = described(self.proposal.atlas.inventory, *at, self.now)
            found = self._ends[realm, hi, lo] = _End(at, shown, self.compiled.labels.of(*at, self.now))
        return found

    def _gateways(self, src: int, dst: int) -> tuple[str, ...]:
        found = self._carrying.get((src, dst))
        if found is None:
            found = self._carrying[src, dst] = self.cutting.gateways(src, dst)
        return found

    def _judged(self, src: _End, dst: _End, protocol: int, port: int) -> tuple[Rank, Rule | None]:
        """The verdict of an established flow now, and the rule that permits it."""
        judge = self.compiled
        found = judge.pair(src.label, dst.label)
        if isinstance(found, Rank):
            return found, None
        # Connections are many where permits are few: each is looked up once.
        known = self._verdicts.get((found, protocol, port))
        if known is None:
            rules = judge.rules_in(found & judge.serving(protocol, port) & judge.valid(self.now))
            if rules:
                known = Rank.AUTHORIZED, rules[0]
            else:
                known = judge.verdict(src.at, dst.at, protocol, port, self.now), None
            self._verdicts[found, protocol, port] = known
        return known


@dataclass(frozen=True, slots=True)
class _End:
    """An address, as documents show it, with its class in the register."""

    at: tuple[str, IPAddress]
    shown: End
    label: int


def shares(connections: Iterable[CutConnection]) -> list[RuleShare]:
    """What each rule loses, the largest volume first; connections without a rule by their verdict."""
    groups: dict[tuple[str | None, str], list[CutConnection]] = defaultdict(list)
    for one in connections:
        groups[one.rule, one.verdict].append(one)
    found = [
        RuleShare(
            rule=rule,
            owner=some[0].owner,
            tier=some[0].tier,
            verdict=some[0].verdict,
            connections=len(some),
            flows=sum(one.flows for one in some),
            bytes=Bytes(
                low=sum(one.bytes_out.low + one.bytes_in.low for one in some),
                high=sum(one.bytes_out.high + one.bytes_in.high for one in some),
            ),
            critical=sum(
                any(end.criticality in ("critical", "high") for end in (one.src, one.dst))
                for one in some
            ),
        )
        for (rule, _), some in groups.items()
    ]
    return sorted(found, key=lambda share: (-share.bytes.high, share.rule or ""))


def felt(connections: Iterable[CutConnection]) -> list[str]:
    """Warnings of services that everything else rests on."""
    counts: dict[str, int] = defaultdict(int)
    for one in connections:
        number = protocols.NUMBERS.get(one.protocol)
        known = service_of(number, one.port) if number is not None else None
        if (
            known is not None
            and known.name != "icmp"
            and known.role in _WARNED
            and one.rule is not None
        ):
            counts[known.name] += 1
    return [
        f"{count:,} authorised {name} connection{'s' * (count > 1)} would end: others rest on them"
        for name, count in sorted(counts.items(), key=lambda one: (-one[1], one[0]))
    ]


def _name(one: CutConnection) -> tuple[str, str, str, int]:
    return one.src.address, one.dst.address, one.protocol, one.port
