"""The words of the fleet: terminals, campaigns, what they answered, what people decided. Aware UTC."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Literal, get_args

from sekisho.model.campaigns import RAMP, Limits

TerminalState = Literal[
    "excluded",
    "checked_findings",
    "checked_clean",
    "checked_manually",
    "check_failed",
    "in_progress",
    "rebuilt",
    "offline",
    "never_enrolled",
]
STATES: tuple[TerminalState, ...] = get_args(TerminalState)
"""In the order of precedence: the first whose condition holds is the terminal's state."""
Outcome = Literal["clean", "findings", "failed", "not_applicable"]
OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)
SERVED = "osquery"
"""Stands where an answer names the file that it came in, for what the service took."""
GIVEN_UP = "campaign-"
"""Begins the same, for a check that a campaign gave up to ask; its number follows."""
FleetAction = Literal["exclude", "include", "checked", "rebuilt", "merge"]
FLEET_ACTIONS: tuple[FleetAction, ...] = get_args(FleetAction)


@dataclass(frozen=True, slots=True)
class Sighting:
    """What one row of an inventory, or one collection, says of a machine; '' where it does not say.

    `uuid` and `guid` are 32 hexadecimal digits in five groups; `hostname` is as it was written.
    """

    hostname: str
    uuid: str = ""
    serial: str = ""
    guid: str = ""
    address: str = ""
    site: str = ""
    os: str = ""

    @property
    def id(self) -> str:
        """The same for the same words, whichever file they came in."""
        text = "\x1f".join(asdict(self).values())
        return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


@dataclass(frozen=True, slots=True)
class Sighted:
    """A sighting with the file and row (from 1) where it stood first, when, and when last."""

    sighting: Sighting
    id: str
    intake: str
    row: int
    first: datetime
    last: datetime


@dataclass(frozen=True, slots=True)
class Aside:
    """A part of a file that could not be taken in, and why. `row` counts from 1; 0 is the whole file."""

    row: int
    why: str


@dataclass(frozen=True, slots=True)
class Intake:
    """A file that was taken in, by the hash of its content. `aside` are the first that were set aside."""

    sha256: str
    name: str
    kind: str
    at: datetime
    by: str
    read: int
    aside_count: int = 0
    aside: tuple[Aside, ...] = ()


@dataclass(frozen=True, slots=True, order=True)
class Program:
    """Something that is installed, as the machine names it; '' where it does not say."""

    name: str
    version: str = ""
    publisher: str = ""


@dataclass(frozen=True, slots=True)
class Installed:
    """What one table of one machine said that is installed, the last time that it did."""

    who: Sighting
    table: str
    at: datetime
    programs: tuple[Program, ...]


@dataclass(frozen=True, slots=True)
class CheckAnswer:
    """What a machine's collection answered to one check. `collected` is when its own clock says that it was
    collected, `received` when it came here. `times` are when each finding happened, where that is known of any:
    parallel to `findings`, else empty. `software` is what whole tables that it read say is installed, by
    table; it is kept apart from the answers. `platform` is that of a machine to which a check does not apply,
    as it said when it enrolled; '' where only its osquery's answer says so. `looked` are the kinds of traces
    that were looked at, of a check that takes what there is."""

    id: str
    intake: str
    who: Sighting
    check: str
    outcome: Outcome
    received: datetime
    collected: datetime | None = None
    reason: str = ""
    rows: int = 0
    findings: tuple[str, ...] = ()
    software: Mapping[str, tuple[Program, ...]] = field(default_factory=dict, compare=False)
    times: tuple[datetime | None, ...] = ()
    platform: str = ""
    looked: tuple[str, ...] = ()

    @property
    def at(self) -> datetime:
        """When it counts from: a clock that runs ahead does not make an answer newer than its coming."""
        return self.received if self.collected is None else min(self.collected, self.received)


@dataclass(frozen=True, slots=True)
class Campaign:
    """A check of the fleet: terminals must answer all of `checks` with what was collected since `begin`.

    `queries` are asked besides, by name, and judged by nobody. It asks until `until`, terminals of `sites` (all
    where none is named), those in the scope of `incident` first: `first` are addresses and names of them.
    `seq` is its place in the ledger. One with `only` is a probe of a plan of containment: each of its queries
    is asked of the terminals (by the service's ids) that stand there, and of nobody else. `platforms` are those
    of which a query is asked, as packs of osquery name them, where that was said.
    """

    name: str
    checks: tuple[str, ...]
    begin: datetime | None = None
    by: str = ""
    why: str = ""
    seq: int = 0
    queries: Mapping[str, str] = field(default_factory=dict)
    until: datetime | None = None
    sites: tuple[str, ...] = ()
    incident: str = ""
    first: tuple[str, ...] = ()
    ramp: tuple[float, ...] = RAMP
    limits: Limits = field(default_factory=Limits)
    only: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    platforms: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TerminalDecision:
    """What a person decided about a terminal. `terminal` is any of its ids; `seq` the place in the ledger;
    `until` bounds an exclusion; `body` holds what else was said, such as the hash of evidence."""

    seq: int
    terminal: str
    action: FleetAction
    by: str
    at: datetime
    why: str = ""
    until: datetime | None = None
    body: Mapping[str, str] = field(default_factory=dict)
