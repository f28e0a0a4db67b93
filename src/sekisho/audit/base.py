"""What a severity check is, and what a cause is.

A check looks at one connection and says how much it matters, and why. A cause explains several findings
at once, so that they are one row that opens.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sekisho.model.findings import Automation, CauseKind, Finding
from sekisho.model.services import Role
from sekisho.model.sites import Criticality
from sekisho.model.verdicts import FindingKind, OnsetKind, Verdict


@dataclass(frozen=True, slots=True)
class Party:
    """One end as the checks see it; `site` None outside of all sites, `outside` for other parties."""

    name: str
    site: str | None = None
    country: str | None = None
    outside: bool = False
    criticality: Criticality = "normal"


@dataclass(frozen=True, slots=True)
class Subject:
    """A connection that should not be, as far as severity depends on it.

    Bytes are the low ends, IP layer, initiator's end first. `nearest` is the id of the rule that came
    closest. `began` is when the onset was, UTC. `automation` is what was found of it where it was looked for.
    """

    verdict: Verdict
    src: Party
    dst: Party
    service: str
    role: Role
    flows: int
    established: int
    days_active: int
    bytes_out: int
    bytes_in: int
    onset: OnsetKind
    began: datetime
    nearest: str | None = None
    automation: Automation | None = None


@dataclass(frozen=True, slots=True)
class Factor:
    """One reason, the points it adds (negative: takes away), and the sentence that explains it."""

    points: int
    text: str


class SeverityCheck(Protocol):
    """One reason to take a finding more, or less, seriously."""

    id: str

    def weigh(self, subject: Subject) -> Factor | None:
        """The factor, or None where this reason says nothing about the subject."""
        ...


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A connection that is no finding, beside those that are: (realm, address) of its ends in text."""

    src: tuple[str, str]
    dst: tuple[str, str]
    protocol: str
    port: int
    first: datetime
    last: datetime


@dataclass(frozen=True, slots=True)
class Claim:
    """Findings that one thing explains. `key` names that thing and is the same in every run."""

    key: str
    text: str
    members: frozenset[str]


@dataclass(frozen=True, slots=True)
class Claims:
    """What a cause explains, and the findings that must stay rows of their own (`apart`)."""

    claims: tuple[Claim, ...] = ()
    apart: frozenset[str] = frozenset()


class CauseFinder(Protocol):
    """One kind of cause. It is asked about findings of kind `of` that no earlier kind has claimed."""

    kind: CauseKind
    of: FindingKind

    def claim(self, findings: Sequence[Finding], neighbours: Sequence[Neighbour]) -> Claims:
        """The causes of this kind among the findings, in any order."""
        ...
