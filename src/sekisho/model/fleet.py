"""What is published about terminals. Times are RFC 3339 in UTC; addresses are text."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from sekisho.model.campaigns import CampaignAction, CampaignState, Fate
from sekisho.model.findings import Document, Time
from sekisho.model.nodes import RefusalReason
from sekisho.model.terminals import FleetAction, Outcome, TerminalState


class StageItem(Document):
    """One stage of a campaign: the `share` of terminals that it reaches, and of those that it brings in, how
    many were asked, have settled everything, failed, are denylisted, used more than the limits."""

    share: float
    asked: int = 0
    done: int = 0
    failed: int = 0
    denylisted: int = 0
    heavy: int = 0


class CampaignItem(Document):
    """The campaign that states are about. `name` is null while there is none: then all checks count, and
    everything ever collected.

    `stage` counts from 1. `turned` says why it is in that state and stage, with since when and by whom:
    "sekisho" is the campaign's own rules.
    """

    name: str | None
    begin: Time | None = Field(alias="from")
    checks: tuple[str, ...]
    by: str | None = None
    why: str | None = None
    until: Time | None = None
    queries: tuple[str, ...] = ()
    sites: tuple[str, ...] = ()
    incident: str | None = None
    state: CampaignState | None = None
    stage: int | None = None
    stages: tuple[StageItem, ...] = ()
    turned: str | None = None
    turned_by: str | None = None
    since: Time | None = None


class CampaignsDocument(Document):
    """`sekisho fleet campaign list --format json`, the latest first."""

    schema_: Literal["sekisho.campaigns/1"] = Field(default="sekisho.campaigns/1", alias="schema")
    campaigns: tuple[CampaignItem, ...]


class TurnItem(Document):
    """What was decided about a campaign. `by` is "sekisho" for its own rules."""

    action: CampaignAction
    at: Time
    by: str
    why: str


class TroubleItem(Document):
    """A question to a terminal that came to nothing, and why."""

    hostname: str
    question: str
    fate: Fate
    at: Time
    reason: str


class CampaignDocument(Document):
    """`sekisho fleet campaign show NAME --format json`. `waits` says what it waits for; `troubled` are the
    first thousand."""

    schema_: Literal["sekisho.campaign/1"] = Field(default="sekisho.campaign/1", alias="schema")
    campaign: CampaignItem
    waits: str | None = None
    turns: tuple[TurnItem, ...] = ()
    troubled: tuple[TroubleItem, ...] = ()


class SiteStanding(Document):
    """One site's terminals. `checked` are those in a checked_ state; `site` is null for those in none."""

    site: str | None
    country: str | None = None
    terminals: int
    checked: int
    states: dict[TerminalState, int]


class TerminalItem(Document):
    """One terminal and the one state that it is in. `open` are checks that nothing answers."""

    id: str
    hostname: str
    site: str | None
    address: str | None
    os: str | None
    state: TerminalState
    why: str
    since: Time | None = None
    until: Time | None = None
    by: str | None = None
    open: tuple[str, ...] = ()


class Progress(Document):
    """How fast terminals come to be checked. `rate` is how many an hour in the last day, null where none were;
    `left` are neither checked nor excluded; `done_at` is null where nothing is left, or nothing comes."""

    answered: int
    left: int
    rate: float | None = None
    done_at: Time | None = None
    slowest: tuple[str, ...] = ()


class FleetDocument(Document):
    """`sekisho fleet status --format json`. `states` has every state, and its counts add up to `terminals`.

    `listed` are the terminals of the state that was asked for. `strangers` are machines that answered and are
    in no inventory, the first thousand of `strangers_in_all`: they are in no state and in no count.
    """

    schema_: Literal["sekisho.fleet/1"] = Field(default="sekisho.fleet/1", alias="schema")
    terminals: int
    states: dict[TerminalState, int]
    campaign: CampaignItem
    sites: tuple[SiteStanding, ...] = ()
    listed: tuple[TerminalItem, ...] = ()
    merged: int = 0
    strangers: tuple[str, ...] = ()
    strangers_in_all: int = 0
    progress: Progress | None = None
    notes: tuple[str, ...] = ()


class CountryStanding(Document):
    """One country's terminals; `country` is null for those whose country is not known."""

    country: str | None
    terminals: int
    checked: int
    states: dict[TerminalState, int]


class FoundItem(Document):
    """One thing that a check found on a terminal."""

    terminal: str
    hostname: str
    site: str | None
    check: str
    at: Time
    finding: str


class TrendDay(Document):
    """How many terminals were checked by the end of a day (UTC)."""

    day: str
    checked: int


class FleetReportDocument(Document):
    """`sekisho fleet report --format json`. `left` are the terminals that are neither checked nor excluded,
    `every` is each terminal of the inventory with the one state that it is in."""

    schema_: Literal["sekisho.fleet-report/1"] = Field(default="sekisho.fleet-report/1", alias="schema")
    terminals: int
    states: dict[TerminalState, int]
    campaign: CampaignItem
    countries: tuple[CountryStanding, ...]
    sites: tuple[SiteStanding, ...]
    findings: tuple[FoundItem, ...]
    left: tuple[TerminalItem, ...]
    excluded: tuple[TerminalItem, ...]
    trend: tuple[TrendDay, ...]
    progress: Progress
    strangers: tuple[str, ...] = ()
    strangers_in_all: int = 0
    every: tuple[TerminalItem, ...] = ()


class JoinedItem(Document):
    """A row that was taken for this terminal, and why."""

    id: str
    hostname: str
    file: str
    row: int
    why: str


class AnswerItem(Document):
    """One answer of the terminal. `counts` says whether it is the newest of the campaign to its check."""

    check: str
    outcome: Outcome
    at: Time
    received: Time
    file: str
    rows: int
    counts: bool
    reason: str | None = None
    findings: tuple[str, ...] = ()


class DecidedItem(Document):
    """What a person decided about the terminal. `evidence` is the SHA-256 of the file that was attached."""

    action: FleetAction
    by: str
    at: Time
    why: str
    until: Time | None = None
    evidence: str | None = None


class RefusalItem(Document):
    """Something of an osquery that was not taken: how often, and the last time's words and address."""

    reason: RefusalReason
    count: int
    first: Time
    last: Time
    address: str | None = None
    says: str | None = None


class NodeItem(Document):
    """An osquery that enrolled as this terminal. `seen` is when it last asked or answered anything."""

    node: int
    hostname: str
    identifier: str
    version: str | None
    secret: str
    enrolled: Time
    enrolments: int
    seen: Time
    address: str
    refused: tuple[RefusalItem, ...] = ()
    platform: str | None = None


class AttemptItem(Document):
    """What a campaign asked an osquery of this terminal: how often it was handed out, when last, what came of
    it (null while nothing did)."""

    campaign: str
    question: str
    node: int
    handed: int
    at: Time | None
    fate: Fate | None = None
    settled: Time | None = None
    reason: str | None = None


class SecretItem(Document):
    """A secret that osquery enrols with, without itself. `nodes` enrolled with it last."""

    id: str
    site: str | None
    made: Time
    by: str
    why: str | None
    nodes: int
    retired: Time | None = None
    retired_by: str | None = None


class SecretsDocument(Document):
    """`sekisho fleet secret list --format json`."""

    schema_: Literal["sekisho.fleet-secrets/1"] = Field(
        default="sekisho.fleet-secrets/1", alias="schema"
    )
    secrets: tuple[SecretItem, ...]


class ServiceDocument(Document):
    """`sekisho fleet serve --status --format json`. `online` nodes were heard lately; `unjudged` letters wait
    to be judged, `held` ones for the rest of their check. `strangers` are nodes of machines in no inventory.
    `refused` is of everybody, `nobody` of those whom no node is known for."""

    schema_: Literal["sekisho.fleet-service/1"] = Field(
        default="sekisho.fleet-service/1", alias="schema"
    )
    nodes: int
    online: int
    strangers: int
    unjudged: int
    held: int
    oldest: Time | None
    counts: dict[str, int]
    refused: dict[RefusalReason, int]
    nobody: tuple[RefusalItem, ...]


class AsideItem(Document):
    """A file that answers came in, and of which `parts` were refused or not readable; `first` tells some."""

    file: str
    at: Time
    parts: int
    first: tuple[str, ...] = ()


class TerminalDocument(Document):
    """`sekisho fleet show HOST --format json`: every attempt, answer and gap of one terminal."""

    schema_: Literal["sekisho.terminal/1"] = Field(default="sekisho.terminal/1", alias="schema")
    terminal: TerminalItem
    uuid: str | None = None
    serial: str | None = None
    guid: str | None = None
    names: tuple[str, ...] = ()
    joined: tuple[JoinedItem, ...] = ()
    alike: tuple[str, ...] = ()
    answers: tuple[AnswerItem, ...] = ()
    decisions: tuple[DecidedItem, ...] = ()
    nodes: tuple[NodeItem, ...] = ()
    attempts: tuple[AttemptItem, ...] = ()
    set_aside: tuple[AsideItem, ...] = ()
    gaps: tuple[str, ...] = ()


class IntakeItem(Document):
    """One file of an import. `read` counts rows or answers, `aside` those that were set aside; `again` says
    that its content had been taken in before."""

    file: str
    kind: str
    sha256: str
    read: int
    aside: int
    again: bool = False
    problems: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


class AgainItem(Document):
    """Something that was answered, and that indicators of now name. `at` is when it came, `new` whether nothing
    that its terminal answered said so before; `terminal` is null for a machine that is in no inventory."""

    terminal: str | None
    hostname: str
    site: str | None
    at: Time
    finding: str
    new: bool


class FleetHuntDocument(Document):
    """`sekisho fleet hunt --format json`. `files` and `rows` are what was looked through, from `begin` on."""

    schema_: Literal["sekisho.fleet-hunt/1"] = Field(default="sekisho.fleet-hunt/1", alias="schema")
    made: Time
    begin: Time | None = Field(default=None, alias="from")
    files: int
    rows: int
    found: tuple[AgainItem, ...] = ()
    new: int = 0
    notes: tuple[str, ...] = ()


class PackStep(Document):
    """A check of a pack. `by_osquery` says whether osquery can be asked, or a collection must bring it; `ready`
    whether the workspace has set up what it needs."""

    check: str
    why: str
    by_osquery: bool
    ready: bool


class PackItem(Document):
    """Checks for a kind of incident, the first ones first."""

    name: str
    title: str
    scenario: str
    why: str
    steps: tuple[PackStep, ...]


class PacksDocument(Document):
    """`sekisho fleet packs --format json`."""

    schema_: Literal["sekisho.fleet-packs/1"] = Field(default="sekisho.fleet-packs/1", alias="schema")
    packs: tuple[PackItem, ...]


class ImportDocument(Document):
    """`sekisho fleet import --format json`. `passed_over` are files in folders whose form is not known."""

    schema_: Literal["sekisho.fleet-import/1"] = Field(default="sekisho.fleet-import/1", alias="schema")
    files: tuple[IntakeItem, ...]
    passed_over: int = 0
    terminals: int
    new: int
    merged: int
    strangers: tuple[str, ...] = ()
    strangers_in_all: int = 0
