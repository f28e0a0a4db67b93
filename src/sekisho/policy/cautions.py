"""What whoever signs a proposed rule must look at first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from sekisho.model.rules import Rule
from sekisho.model.services import service_of
from sekisho.model.validity import in_utc
from sekisho.model.verdicts import Rank
from sekisho.policy.compile import CompiledPolicy
from sekisho.policy.ends import Use
from sekisho.policy.nearest import last_moment
from sekisho.policy.observed import Observed
from sekisho.policy.screening import EPHEMERAL

RECENT = timedelta(days=7)
MANY_PORTS = 8
_ASK = {
    "administration": "remote administration",
    "file": "file sharing",
    "database": "direct access to a database",
}


def cautions(
    covered: Sequence[Observed],
    sources: Sequence[Use],
    destinations: Sequence[Use],
    policy: CompiledPolicy,
    ends_at: datetime,
) -> tuple[str, ...]:
    """Notes on a rule that these connections led to; `ends_at` is when the evidence ends."""
    return (
        *_service(covered),
        *_time(covered, ends_at),
        *_width((*sources, *destinations)),
        *_pairs(covered, sources, destinations),
        *_rules(covered, policy),
    )


def _service(covered: Sequence[Observed]) -> Iterable[str]:
    named: dict[str, str] = {}
    for connection in covered:
        service = service_of(connection.protocol, connection.port)
        if service is not None and service.role in _ASK:
            named.setdefault(service.name, _ASK[service.role])
    for name in sorted(named):
        yield f"{name} is {named[name]}, by which intruders move between sites: ask who needs it"
    dynamic = {(c.protocol, c.port) for c in covered if c.port >= EPHEMERAL}
    if len(dynamic) >= MANY_PORTS:
        yield (
            f"{len(dynamic)} dynamic ports were seen and more will follow: name their range under "
            "`services:`, or fix the application's port"
        )


def _time(covered: Sequence[Observed], ends_at: datetime) -> Iterable[str]:
    first = min(connection.first_seen for connection in covered)
    last = max(connection.last_seen for connection in covered)
    if max(connection.days_active for connection in covered) <= 1:
        yield f"no connection was seen on more than one day (first {_day(first)}, last {_day(last)})"
    elif any(connection.days_active <= 1 for connection in covered):
        single = sum(1 for connection in covered if connection.days_active <= 1)
        yield f"{single} of {len(covered)} connections were seen on one day only"
    if first > ends_at - RECENT:
        yield f"it began on {_day(first)}, within the last {RECENT.days} days of the evidence"
    answered, flows = sum(c.established for c in covered), sum(c.flows for c in covered)
    if answered * 2 < flows:
        yield f"only {answered} of {flows} flows were established"


def _width(uses: Sequence[Use]) -> Iterable[str]:
    for use in uses:
        if use.selector.kind in ("group", "zone") and use.size > use.seen:
            yield (
                f"{use.selector} holds {use.size:,} addresses; {use.seen} of its {use.known} known "
                "members were seen"
            )
        elif use.selector.kind == "prefix" and use.size > 1:
            yield f"of the {use.size} addresses of {use.selector}, {use.seen} were seen"
        elif use.selector.kind == "asset" and use.size > 1:
            yield f"{use.selector} has {use.size} addresses, all of which the rule names"
        if use.selector.kind == "zone":
            yield f"{use.selector} is outside the company"


def _pairs(
    covered: Sequence[Observed], sources: Sequence[Use], destinations: Sequence[Use]
) -> Iterable[str]:
    seen = len({(connection.source, connection.destination) for connection in covered})
    known = sum(use.known for use in sources) * sum(use.known for use in destinations)
    if seen * 2 < known:
        yield f"it permits {known:,} pairs of known addresses, of which {seen:,} were seen"


def _rules(covered: Sequence[Observed], policy: CompiledPolicy) -> Iterable[str]:
    found: dict[str, tuple[Rule, Observed]] = {}
    for connection in covered:
        mask = policy.pair(
            policy.labels.of(*connection.source, connection.last_seen),
            policy.labels.of(*connection.destination, connection.last_seen),
        )
        if isinstance(mask, Rank):
            continue
        for rule in policy.rules_in(mask & policy.serving(connection.protocol, connection.port)):
            found.setdefault(rule.id, (rule, connection))
    for name, (rule, connection) in sorted(found.items()):
        end = rule.validity.end
        if rule.state == "proposed":
            yield f"{name} is proposed already and names {connection}"
        elif end is not None and connection.last_seen >= end:
            yield f"{name} covered {connection} and expired {last_moment(end)}: renew it rather"
        else:
            yield f"{name} covers {connection}, but not all of the time"


def _day(at: datetime) -> str:
    return in_utc(at).date().isoformat()
