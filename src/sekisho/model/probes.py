"""The words of a probe: a few terminals ask, across what a plan cuts, for what it ends and for what it keeps.

Field names of documents and their meanings are relied on outside; within version 1 they only grow. Times are
aware UTC; addresses are text.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, get_args

from pydantic import Field

from sekisho.model.findings import Document, Time

TrialKind = Literal["tls", "http"]
"""`tls` is a handshake that brings a certificate; `http` a GET that brings any answer."""
ProbeOutcome = Literal["reached", "not_reached", "not_known"]
OUTCOMES: tuple[ProbeOutcome, ...] = get_args(ProbeOutcome)
"""The one that says most first."""


@dataclass(frozen=True, slots=True, order=True)
class Trial:
    """One service as a terminal tries it. `address` is IPv4: osquery's tables take no IPv6 address."""

    kind: TrialKind
    address: str
    port: int
    path: str = "/"

    @property
    def asked(self) -> str:
        """What osquery is asked for: `10.1.20.5:443`, or a URL."""
        place = f"{self.address}:{self.port}"
        return place if self.kind == "tls" else f"http://{place}{self.path}"


@dataclass(frozen=True, slots=True)
class Asking:
    """One terminal of a probe. `node` is the service's number of it, `place` the site that it asks from;
    `cut` are services that the plan cuts from there, with the place of each, `controls` ones that it keeps."""

    node: int
    hostname: str
    address: str
    place: str
    cut: tuple[tuple[Trial, str], ...]
    controls: tuple[Trial, ...] = ()

    @property
    def trials(self) -> tuple[Trial, ...]:
        """All of them, controls first: what is dropped keeps a terminal waiting."""
        return *self.controls, *(trial for trial, _ in self.cut)


@dataclass(frozen=True, slots=True)
class Said:
    """What one terminal answered to a probe. `at` is when that came here. `came` says of each service that
    answered what came; `failed` why its osquery could not ask at all, '' where it could."""

    node: int
    at: datetime
    came: Mapping[Trial, str] = field(default_factory=dict)
    failed: str = ""


@dataclass(frozen=True, slots=True)
class Probe:
    """One asking of a plan. `seq` is its place in the ledger, `number` counts those of the plan from 1. No
    terminal is handed it after `until`; an answer that comes later counts all the same. `unpermitted` are its
    tries that an audit will not find permitted."""

    seq: int
    number: int
    plan: str
    at: datetime
    until: datetime
    by: str
    asking: tuple[Asking, ...] = ()
    untried: Mapping[tuple[str, str], str] = field(default_factory=dict)
    said: Mapping[int, Said] = field(default_factory=dict)
    unpermitted: tuple[str, ...] = ()


class Tried(Document):
    """What came of one service from one terminal. `came` is what came back, None where nothing did; `control`
    says that the plan keeps it. `at` is when the answer came, None where none has."""

    probe: int
    terminal: str
    address: str
    begin: str = Field(alias="from")
    end: str | None = Field(default=None, alias="to")
    kind: TrialKind
    service: str
    control: bool = False
    asked: Time
    at: Time | None = None
    came: str | None = None
    failed: str | None = None


class Probed(Document):
    """One severed direction, from what begins there. `reached`: since the cut an answer came across;
    `not_reached`: `service` answered `terminal` before and not since, while what is kept did; `why` says it in
    words. `at` is when that was known."""

    begin: str = Field(alias="from")
    end: str = Field(alias="to")
    outcome: ProbeOutcome
    why: str
    terminal: str | None = None
    service: str | None = None
    at: Time | None = None


class ProbeDocument(Document):
    """`sekisho contain probe --format json`. `terminals` were asked in all probes of the plan, `answered` of
    them; `waits` until a terminal that was asked may still answer, None where all have or it is over."""

    schema_: Literal["sekisho.probe/1"] = Field(default="sekisho.probe/1", alias="schema")
    plan: str
    since: Time | None = None
    probes: int = 0
    terminals: int = 0
    answered: int = 0
    waits: Time | None = None
    directions: tuple[Probed, ...] = ()
    tried: tuple[Tried, ...] = ()
    notes: tuple[str, ...] = ()
