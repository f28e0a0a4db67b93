"""The rule that came closest to permitting a connection, and what kept it from it.

A rule that names both ends and the service comes first (it lacks only its time, its registration or
a signature); then one that lacks only the service, the source, the destination; then one that allows
the other direction. Among equals the most specific, then the first in the files.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

from sekisho.inventory.register import Inventory
from sekisho.model.rules import Rule, Selector
from sekisho.policy.judge import End, Judge
from sekisho.policy.ports import one
from sekisho.policy.selectors import touches
from sekisho.policy.timeline import exists, known

_WIDTH = {"any": 5, "internet": 5, "zone": 4, "site": 3, "group": 2, "prefix": 1, "asset": 0}


@dataclass(frozen=True, slots=True)
class Closest:
    """A rule's id and what it lacks, for every connection of the same classes, service and time.

    `end` is the end that the rule does not mean, None where it lacks something else.
    """

    rule: str
    lack: str
    end: Literal["source", "destination"] | None = None

    def why_not(self, src: End, dst: End) -> str:
        """What it lacks, of one such connection: `source 10.40.3.7 is not in th-plant/edi`."""
        if self.end is None:
            return self.lack
        return f"{self.end} {(src if self.end == 'source' else dst)[1]} {self.lack}"


def nearest(
    judge: Judge, src: End, dst: End, protocol: int, port: int, at: datetime
) -> tuple[str, str] | None:
    """(rule id, why not), or None where no rule lacks just one thing."""
    found = closest(judge, src, dst, protocol, port, at)
    return (found.rule, found.why_not(src, dst)) if found else None


def closest(judge: Judge, src: End, dst: End, protocol: int, port: int, at: datetime) -> Closest | None:
    """The same for all connections that share the classes of these ends, service and time."""
    source, destination = judge.labels.of(*src, at), judge.labels.of(*dst, at)
    from_src, to_src = judge.masks(source)
    from_dst, to_dst = judge.masks(destination)
    serving = judge.serving(protocol, port)
    whole = judge.rules_in(from_src & to_dst & serving)
    for rules, why in (
        ([r for r in whole if known(r, at)], lambda r: not_valid(r, at)),
        ([r for r in whole if r.state == "active" and not known(r, at)], retroactive),
        ([r for r in whole if r.state == "proposed"], proposed),
    ):
        if rules:
            best = min(rules, key=lambda r: (distance(r, at), _width(r)))
            return Closest(best.id, why(best))

    valid = judge.valid(at)
    service = judge.rules_in(from_src & to_dst & ~serving & valid)
    if service:
        best = min(service, key=lambda r: (_protocols_differ(r, protocol), _width(r)))
        return Closest(best.id, wrong_service(best, protocol, port))
    serving &= valid
    rules = judge.rules_in(to_dst & serving)
    if rules:
        where = judge.classes[source].site
        best = min(rules, key=lambda r: (_elsewhere(r.sources, where, judge.inventory), _width(r)))
        return Closest(best.id, outside(best.sources), "source")
    rules = judge.rules_in(from_src & serving)
    if rules:
        where = judge.classes[destination].site
        best = min(rules, key=lambda r: (_elsewhere(r.destinations, where, judge.inventory), _width(r)))
        return Closest(best.id, outside(best.destinations), "destination")
    reverse = judge.rules_in(from_dst & to_src & serving)
    if reverse:
        return Closest(min(reverse, key=_width).id, OTHER_DIRECTION)
    return None


OTHER_DIRECTION = "allows the other direction"


def not_valid(rule: Rule, at: datetime) -> str:
    """Why a rule that covers the connection did not hold at that time."""
    span = rule.validity
    if span.end is not None and at >= span.end:
        return f"expired {last_moment(span.end)}"
    if span.begin is not None:
        return f"not valid before {moment(span.begin)}"
    return "not valid then"


def retroactive(rule: Rule) -> str:
    """Why a rule that was recorded too late excuses nothing."""
    when = moment(rule.recorded) if rule.recorded else "later"
    late = "" if exists(rule) else ", when it had already ended"
    return f"retroactive: recorded {when}{late}; a second person has not accepted it"


def proposed(rule: Rule) -> str:
    """Why a proposed rule authorises nothing."""
    return "only proposed: nobody has signed it yet"


def wrong_service(rule: Rule, protocol: int, port: int) -> str:
    """`allows tcp/8443, not tcp/445`."""
    return f"allows {rule.service_text}, not {one(protocol, port)}"


def outside(selectors: Sequence[Selector]) -> str:
    """`is not in th-plant/edi`."""
    if any(selector.kind == "any" for selector in selectors):
        return "is in no site"
    shown = " or ".join(map(str, selectors[:4])) + (" …" if len(selectors) > 4 else "")
    return f"is not in {shown}"


def moment(at: datetime) -> str:
    """A day where it is the first instant of one (UTC), else the time."""
    text = at.astimezone(UTC)
    whole = (text.hour, text.minute, text.second, text.microsecond) == (0, 0, 0, 0)
    return text.date().isoformat() if whole else text.isoformat().replace("+00:00", "Z")


def last_moment(end: datetime) -> str:
    """The last whole day before an end at midnight, else the time of the end."""
    shown = moment(end)
    return (end - timedelta(days=1)).date().isoformat() if "T" not in shown else shown


def distance(rule: Rule, at: datetime) -> float:
    """Seconds between the time and the rule's validity; 0 inside."""
    span = rule.validity
    if span.end is not None and at >= span.end:
        return (at - span.end).total_seconds()
    if span.begin is not None and at < span.begin:
        return (span.begin - at).total_seconds()
    return 0.0


def _width(rule: Rule) -> int:
    return max(_WIDTH[s.kind] for s in rule.sources) + max(_WIDTH[s.kind] for s in rule.destinations)


def _protocols_differ(rule: Rule, protocol: int) -> bool:
    return all(part.protocol != protocol for part in rule.services)


def _elsewhere(selectors: Sequence[Selector], site: str | None, inventory: Inventory) -> bool:
    """Whether none of the selectors is of the site."""
    return site is None or not any(touches(s, site, inventory) for s in selectors)
