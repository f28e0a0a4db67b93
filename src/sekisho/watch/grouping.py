"""Which alert a connection belongs to: one for each thing that somebody would look at as one.

A missing rule, a rule that lapsed, a network that no site has, a source that scans: the same causes that
collapse an audit's findings, but found at the first connection, so that the next one joins it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from ipaddress import ip_network
from typing import Literal

from sekisho.audit.causes.scanner import LEAST_TARGETS
from sekisho.audit.causes.words import address_key, place
from sekisho.watch.alerts import AlertKind, Member

Cause = Literal["missing_rule", "lapsed_rule", "missing_prefix", "scanner"]


@dataclass(frozen=True, slots=True)
class Group:
    """What an alert is about. `key` names it and is the same in every run."""

    cause: Cause
    key: str

    @property
    def kind(self) -> AlertKind:
        """The alert's kind."""
        return "scanner" if self.cause == "scanner" else "connection"


def group_of(member: Member) -> Group:
    """The alert of a connection that is looked at by itself."""
    service = f"{member.protocol}/{member.port}" if member.port else member.protocol
    if member.verdict == "lapsed" and member.nearest_rule is not None:
        return Group("lapsed_rule", f"lapsed|{member.nearest_rule.id}")
    if member.verdict == "unmapped":
        end = member.src if member.src.site is None else member.dst
        length = 64 if ":" in end.address else 24
        network = ip_network(f"{end.address}/{length}", strict=False)
        return Group("missing_prefix", f"network|{end.realm or ''}|{network}")
    return Group("missing_rule", f"rule|{place(member.src)}|{place(member.dst)}|{service}")


def scanner_of(member: Member) -> Group:
    """The alert of a source that knocks on many doors."""
    return Group("scanner", "scanner|" + "|".join(address_key(member.src)))


def grouped(members: Iterable[Member], attempts: Mapping[tuple[str, str], int]) -> dict[str, Group]:
    """The group of each new connection, by finding. `attempts` are how many connections that were never
    established are known already of each source (realm, address).

    From ten on the attempts of a source are one alert; what was answered stays by itself: noise is a good
    place to hide one session in.
    """
    found: dict[str, Group] = {}
    tried: dict[tuple[str, str], list[Member]] = defaultdict(list)
    for member in members:
        found[member.finding] = group_of(member)
        if not member.established:
            tried[address_key(member.src)].append(member)
    for source, some in tried.items():
        if attempts.get(source, 0) + len(some) >= LEAST_TARGETS:
            found.update((member.finding, scanner_of(member)) for member in some)
    return found
