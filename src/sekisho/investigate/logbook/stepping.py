"""From scored steps to sessions of which logons can be asked: names, further addresses, the session itself."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sekisho.inventory.register import Inventory
from sekisho.investigate.fabric import Fabric
from sekisho.investigate.logons.base import LEAST_RECEIVED, LEAST_SENT, Step
from sekisho.investigate.logons.corroborate import LONGEST
from sekisho.investigate.moments import HOUR, moment
from sekisho.investigate.steps import Scored
from sekisho.investigate.talks import Talk, Talks
from sekisho.model import protocols
from sekisho.model.addresses import key, parse_address, text_of
from sekisho.store.lake import Lake

SECOND = 1_000_000
SESSIONS = 64
"""Of one connection."""
Place = tuple[str, str]
"""Realm and address."""


@dataclass(slots=True)
class Standing:
    """Which addresses stand for a host, by `nat:` of the register and by what gateways logged."""

    inventory: Inventory
    logged: dict[Place, frozenset[str]] = field(default_factory=dict)
    stood_for: dict[Place, int] = field(default_factory=dict)

    @classmethod
    def of(cls, lake: Lake, inventory: Inventory, begin: datetime, end: datetime) -> Standing:
        """As far as logs from `begin` to `end` (aware) tell."""
        seen: dict[Place, set[str]] = {}
        hosts: dict[Place, set[Place]] = {}
        for row in lake.translated(begin, end).to_pylist():
            host = row["realm"], text_of(row["hi"], row["lo"])
            other = text_of(row["seen_hi"], row["seen_lo"])
            seen.setdefault(host, set()).add(other)
            hosts.setdefault((row["realm"], other), set()).add(host)
        return cls(
            inventory,
            {host: frozenset(those) for host, those in seen.items()},
            {place: len(those) for place, those in hosts.items()},
        )

    def others(self, realm: str, address: str, at: datetime) -> tuple[frozenset[str], frozenset[str]]:
        """Addresses that stood for one at a time, and those of them that stood for others too."""
        own = key(parse_address(address))
        valid = [
            one for one in self.inventory.translations if one.realm == realm and one.validity.holds(at)
        ]
        given = {text_of(*key(one.translated)) for one in valid if key(one.original) == own}
        for_many = {
            text_of(*key(one.translated))
            for one in valid
            if key(one.original) != own and text_of(*key(one.translated)) in given
        }
        logged = self.logged.get((realm, address), frozenset())
        for_many |= {one for one in logged if self.stood_for.get((realm, one), 0) > 1}
        return frozenset(given | logged), frozenset(for_many)


@dataclass(slots=True)
class Stepping:
    """Makes the steps that are asked about."""

    inventory: Inventory
    fabric: Fabric
    talks: Talks
    standing: Standing

    def steps(self, scored: Iterable[tuple[Scored, bool]]) -> dict[int, Step]:
        """By row of the fabric; without those whose session is not on record or whose responder is in no
        site."""
        found = {}
        for one, taken in scored:
            talk = self.session(one)
            if talk is not None and self.fabric.internal(int(self.fabric.dst[one.step.row])):
                found[one.step.row] = self.step(one, talk, taken=taken)
        return found

    def session(self, scored: Scored) -> Talk | None:
        """The session of a step: the first of the hour that is large enough for a logon, else the first."""
        own = [
            talk
            for talk in self.talks.of.get(scored.step.row, ())
            if scored.at - SECOND <= talk.start <= scored.at + HOUR
        ]
        large = (t for t in own if t.sent >= LEAST_SENT and t.received >= LEAST_RECEIVED)
        return next(large, own[0] if own else None)

    def step(self, scored: Scored, talk: Talk, *, taken: bool) -> Step:
        """What is known of its two ends at that time."""
        fabric, row = self.fabric, scored.step.row
        src, dst = fabric.ends(row)
        at = moment(talk.start)
        src_names, src_also, src_shared = self.end(fabric.realm(src), fabric.address(src), at)
        if fabric.stands_in(row):
            # Its responder writes down the relay, which stands for others as well.
            relay = frozenset({fabric.logged_source(row)})
            src_also, src_shared = src_also | relay, src_shared | relay
        dst_names, dst_also, _ = self.end(fabric.realm(dst), fabric.address(dst), at)
        return Step(
            src=fabric.address(src),
            dst=fabric.address(dst),
            port=int(fabric.port[row]),
            protocol=protocols.name(int(fabric.protocol[row])),
            begin=at,
            end=moment(max(talk.end, talk.start)),
            src_names=src_names,
            dst_names=dst_names,
            src_realm=fabric.realm(src),
            dst_realm=fabric.realm(dst),
            src_also=src_also,
            dst_also=dst_also,
            shared=src_shared,
            sent=talk.sent,
            received=talk.received,
            taken=taken,
            sessions=self.sessions(row, talk),
        )

    def sessions(self, row: int, first: Talk) -> tuple[tuple[datetime, datetime], ...]:
        """That session and those that follow it within two days."""
        latest = moment(first.start) + LONGEST
        found = [(moment(talk.start), moment(talk.end)) for talk in self.talks.of.get(row, ())]
        return tuple(one for one in found if moment(first.start) <= one[0] <= latest)[:SESSIONS]

    def end(
        self, realm: str, address: str, at: datetime
    ) -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
        """Names of a host at a time, its further addresses, and those of these that stood for others too."""
        asset = self.inventory.place(realm, parse_address(address), at).asset
        rows = self.inventory.hostnames.get(asset.hostname.casefold(), ()) if asset else ()
        own = {text_of(*key(row.address)) for row in rows if row.validity.holds(at)} | {address}
        also, shared = set(own), set[str]()
        for one in own:
            given, many = self.standing.others(realm, one, at)
            also |= given
            shared |= many
        names = frozenset({asset.hostname}) if asset else frozenset[str]()
        return names, frozenset(also - {address}), frozenset(shared - own)


def stretch(scored: Iterable[Scored]) -> tuple[datetime, datetime] | None:
    """The time that steps span, a day to either side."""
    at = [one.at for one in scored]
    if not at:
        return None
    return moment(min(at)) - timedelta(days=1), moment(max(at)) + timedelta(days=1)
