"""What a gate is asked about, and what it answers. A gate never opens on what is not known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol

from sekisho.audit.coverage import Coverage
from sekisho.inventory.register import Inventory
from sekisho.model.findings import Finding
from sekisho.model.rules import Rule
from sekisho.restore.places import Pair, text_of
from sekisho.restore.rules import Demands

DONE = ("checked_clean", "checked_manually", "excluded")
"""States of a terminal in which nothing is left to do. One that was rebuilt has yet to answer, and one with
findings is what the check was for."""
GateName = Literal["quiet", "fleet", "findings", "recertified", "escaped"]
Verdict = Literal["open", "closed", "unknown"]
"""`unknown`: what it would rest on was never recorded. It holds as much as `closed`."""


@dataclass(frozen=True, slots=True)
class Day:
    """One UTC day as evidence of quiet. `covered` is the share of its hours by site, None where no sensor
    of that site sees what crosses its edge."""

    day: datetime
    quiet: bool
    covered: Mapping[str, float | None]
    why: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What a gate says, in words, with what it rests on."""

    verdict: Verdict
    why: str
    evidence: tuple[str, ...] = ()
    days: tuple[Day, ...] = ()


@dataclass(frozen=True, slots=True)
class Recertified:
    """A site's owner said at `at` that a rule, as its content then was (`rule_hash`), is needed still."""

    rule_hash: str
    owner: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Terminals:
    """The terminals of one site: how many, and how many in each state."""

    total: int
    states: Mapping[str, int] = field(default_factory=dict)

    @property
    def left(self) -> dict[str, int]:
        """Those in each state in which something is left to do."""
        return {name: n for name, n in self.states.items() if n and name not in DONE}


@dataclass(frozen=True, slots=True)
class Fleet:
    """The terminals by site, those of no site under ''; `campaign` is what checks them, None without one."""

    sites: Mapping[str, Terminals]
    campaign: str | None = None


@dataclass(frozen=True, slots=True)
class Escaped:
    """What was seen across the severed links since they were cut: connections that were established, in
    words, and what the verification of plans wrote down."""

    connections: tuple[str, ...] = ()
    noted: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Subject:
    """A stage, and all that is known of its links. `since` is when they were cut, `now` is aware UTC.

    `coverage`, `findings` and `escaped` are None where nothing was ever ingested, `fleet` where there is no
    fleet. `rules` are those that permit something there, each with its content's hash; `recertified` is
    the latest word on each by (rule, site).
    """

    pairs: frozenset[Pair]
    since: datetime
    now: datetime
    inventory: Inventory
    demands: Demands
    coverage: Coverage | None = None
    findings: Sequence[Finding] | None = None
    rules: Sequence[tuple[Rule, str, frozenset[str]]] = ()
    recertified: Mapping[tuple[str, str], Recertified] = field(default_factory=dict)
    escaped: Escaped | None = None
    fleet: Fleet | None = None

    @property
    def sites(self) -> tuple[str, ...]:
        """The sites with an end there."""
        found = {place for pair in self.pairs for place in pair}
        return tuple(sorted(found & set(self.inventory.sites)))

    @property
    def links(self) -> tuple[str, ...]:
        """The pairs in words."""
        return tuple(sorted(map(text_of, self.pairs)))

    def outward(self, site: str) -> bool:
        """Whether what is given back at a site is traffic with outside parties alone."""
        others = [pair - {site} for pair in self.pairs if site in pair]
        sites = set(self.inventory.sites)
        return bool(others) and all(other and not other & sites for other in others)


class Gate(Protocol):
    """One thing that must hold."""

    @property
    def name(self) -> GateName:
        """By which it is waived."""

    @property
    def asks(self) -> str:
        """What it asks for, in words."""

    def judge(self, subject: Subject) -> Answer:
        """Whether it holds, and what that rests on."""
