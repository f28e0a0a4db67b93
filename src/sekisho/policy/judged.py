"""One connection under two policies, in words: who it is, and which rules decide."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sekisho.inventory.register import Inventory
from sekisho.model.addresses import address_of
from sekisho.model.findings import End, NearestRule
from sekisho.model.protocols import name as protocol_name
from sekisho.model.rules import Rule
from sekisho.model.services import service_label
from sekisho.model.verdicts import Rank
from sekisho.policy import judge
from sekisho.policy.compile import CompiledPolicy
from sekisho.policy.differences import Change, Judged


def describe(row: Mapping[str, Any], before: CompiledPolicy, after: CompiledPolicy) -> Change:
    """A row of `old`, with its `new_rank`, as the document shows it."""
    src = row["src_realm"], address_of(row["src_hi"], row["src_lo"])
    dst = row["dst_realm"], address_of(row["dst_hi"], row["dst_lo"])
    protocol, port, seen = row["protocol"], row["port"], (row["first"], row["last"])
    return Change(
        src=_end(src, after.inventory, row["last"]),
        dst=_end(dst, after.inventory, row["last"]),
        protocol=protocol_name(protocol),
        port=port,
        service=service_label(protocol, port),
        flows=row["flows"],
        first_seen=row["first"],
        last_seen=row["last"],
        before=_judged(before, Rank(row["rank"]), src, dst, protocol, port, seen),
        after=_judged(after, Rank(row["new_rank"]), src, dst, protocol, port, seen),
    )


def permitting(
    policy: CompiledPolicy, src: judge.End, dst: judge.End, protocol: int, port: int, at: datetime
) -> Rule | None:
    """The first rule in the files that permits a connection at that time; None where none does, or
    where rules do not decide."""
    found = policy.pair(policy.labels.of(*src, at), policy.labels.of(*dst, at))
    if isinstance(found, Rank):
        return None
    rules = policy.rules_in(found & policy.serving(protocol, port) & policy.valid(at))
    return rules[0] if rules else None


def _judged(
    policy: CompiledPolicy,
    rank: Rank,
    src: judge.End,
    dst: judge.End,
    protocol: int,
    port: int,
    seen: tuple[datetime, datetime],
) -> Judged:
    first, last = seen
    if rank == Rank.AUTHORIZED:
        rule = permitting(policy, src, dst, protocol, port, last)
        return Judged(verdict=rank.verdict, rule=rule.id if rule else None)
    if rank < Rank.UNMAPPED:
        return Judged(verdict=rank.verdict)
    # The worst flow decides. The last one says what is so now; look at the first where that was well.
    at = last if policy.verdict(src, dst, protocol, port, last) > Rank.AUTHORIZED else first
    found = policy.nearest(src, dst, protocol, port, at)
    return Judged(
        verdict=rank.verdict,
        nearest_rule=NearestRule(id=found[0], why_not=found[1]) if found else None,
    )


def _end(end: judge.End, inventory: Inventory, at: datetime) -> End:
    realm, address = end
    place = inventory.place(realm, address, at)
    return End(
        address=str(address),
        realm=realm or None,
        asset=place.asset.hostname if place.asset else None,
        site=place.site,
        country=place.country,
        groups=place.groups,
        criticality=place.asset.criticality if place.asset else None,
    )
