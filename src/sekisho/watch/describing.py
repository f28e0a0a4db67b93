"""A connection in words and grades, as the audit would have it: who, how bad, and the rule that came
closest."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Mapping
from datetime import datetime

import pyarrow as pa

from sekisho.audit.base import Party, Subject
from sekisho.audit.parties import described
from sekisho.audit.severity import grade
from sekisho.audit.translated import unresolved
from sekisho.inventory.register import Inventory
from sekisho.model import protocols
from sekisho.model.addresses import address_of, text_of
from sekisho.model.addresses import key as halves_of
from sekisho.model.findings import Check, End, NearestRule
from sekisho.model.protocols import TCP
from sekisho.model.services import service_label, service_of
from sekisho.model.verdicts import Rank
from sekisho.policy.compile import CompiledPolicy
from sekisho.policy.nearest import Closest
from sekisho.store.base import SensorTraits
from sekisho.watch.alerts import Member
from sekisho.watch.connections import Connection

Asked = Callable[[str, str, int, datetime, datetime], str | None]
"""Which probe asked for a TCP connection of two addresses at a port, seen from a time to another, in words."""
MOST_KEPT = 200_000
"""Ends and rules that are remembered before all are forgotten."""
MOST_HOSTS = 1_000
"""Hosts for which one address is known to stand."""


class Describer:
    """One register's view of connections; what many share is worked out once. `traits` are the sensors' by
    it, None those of the last audit."""

    def __init__(
        self,
        inventory: Inventory,
        policy: CompiledPolicy,
        traits: Mapping[str, SensorTraits] | None = None,
    ) -> None:
        self.inventory = inventory
        self.policy = policy
        self.traits = traits
        self.also: tuple[datetime, ...] = ()
        """Times that no row of arrivals may reach over besides the policy's: gateways were told then."""
        self.asked: Asked | None = None
        """What our own probes asked for: sensors see them too. None where there were none."""
        self._stands: dict[tuple[object, ...], set[str]] = {}
        for one in inventory.translations:
            seen = one.realm, *halves_of(one.translated)
            self._stands.setdefault(seen, set()).add(str(one.original))
        self._ends: dict[tuple[str, int, int, int], tuple[End, Party]] = {}
        self._closest: dict[tuple[int, ...], Closest | None] = {}

    @property
    def cuts(self) -> list[datetime]:
        """Times at which what a connection is may change."""
        return sorted({*self.policy.cuts, *self.also})

    def learn(self, stood: pa.Table) -> None:
        """Take in LOGGED_ENDS: hosts for which gateways log that others stand. It lasts as long as the
        register."""
        for row in stood.to_pylist():
            seen = row["realm"], row["seen_hi"], row["seen_lo"]
            if seen not in self._stands and len(self._stands) >= MOST_KEPT:
                continue
            hosts = self._stands.setdefault(seen, set())
            if len(hosts) < MOST_HOSTS:
                hosts.add(text_of(row["hi"], row["lo"]))

    def member(self, connection: Connection) -> Member:
        """The connection as it stands."""
        key, at = connection.key, connection.judged_at
        src, here = self._end(key[0], key[1], key[2], at)
        dst, there = self._end(key[3], key[4], key[5], at)
        protocol, port = key[6], key[7]
        verdict = Rank(connection.rank).verdict
        flows, established, out, back = connection.total()
        nearest = self._nearest(connection)
        known = service_of(protocol, port)
        service = service_label(protocol, port)
        severity, _ = grade(
            Subject(
                verdict=verdict,
                src=here,
                dst=there,
                service=service,
                role=known.role if known else "other",
                flows=flows,
                established=established,
                days_active=connection.days,
                bytes_out=out,
                bytes_in=back,
                onset="observed",
                began=at,
                nearest=nearest.id if nearest else None,
            )
        )
        return Member(
            finding=connection.finding,
            verdict=verdict,
            severity=severity,
            src=src,
            dst=dst,
            protocol=protocols.name(protocol),
            port=port,
            service=service,
            first_seen=connection.first,
            last_seen=max(connection.last, connection.first),
            flows=flows,
            established=established,
            bytes_out=out,
            bytes_in=back,
            sensors=connection.sensors,
            initiator="provisional" if connection.provisional else "stated",
            nearest_rule=nearest,
            checks=tuple(filter(None, (unresolved(key, self._stands), self._ours(connection)))),
        )

    def _ours(self, connection: Connection) -> Check | None:
        """That a probe of ours made it, as an audit says it; it is a finding all the same."""
        realm, hi, lo, other, *there, protocol, port = connection.key
        if self.asked is None or protocol != TCP or realm or other:
            return None
        ends = text_of(hi, lo), text_of(*there)
        last = max(connection.last, connection.first)
        text = self.asked(*ends, port, connection.first, last)
        return Check(id="probe", text=text) if text is not None else None

    def _nearest(self, connection: Connection) -> NearestRule | None:
        key, at = connection.key, connection.judged_at
        src = key[0], address_of(key[1], key[2])
        dst = key[3], address_of(key[4], key[5])
        labels = self.policy.labels
        asked = (
            labels.of(*src, at),
            labels.of(*dst, at),
            key[6],
            key[7],
            bisect_right(self.policy.cuts, at),
        )
        if asked not in self._closest:
            if len(self._closest) >= MOST_KEPT:
                self._closest.clear()
            self._closest[asked] = self.policy.closest(src, dst, key[6], key[7], at)
        found = self._closest[asked]
        return NearestRule(id=found.rule, why_not=found.why_not(src, dst)) if found else None

    def _end(self, realm: str, hi: int, lo: int, at: datetime) -> tuple[End, Party]:
        asked = (realm, hi, lo, bisect_right(self.inventory.change_points, at))
        found = self._ends.get(asked)
        if found is None:
            if len(self._ends) >= MOST_KEPT:
                self._ends.clear()
            found = self._ends[asked] = described(self.inventory, realm, address_of(hi, lo), at)
        return found
