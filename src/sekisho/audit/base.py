"""What a severity check is: it looks at one connection and says how much it matters, and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sekisho.model.services import Role
from sekisho.model.sites import Criticality
from sekisho.model.verdicts import OnsetKind, Verdict


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
    closest. `began` is when the onset was, UTC.
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
