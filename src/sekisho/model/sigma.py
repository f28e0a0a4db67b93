"""What is published about Sigma rules and what they found. Times are RFC 3339 in UTC."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from sekisho.model.findings import Document, Time
from sekisho.model.terminals import Outcome

SigmaLevel = Literal["critical", "high", "medium", "low", "informational"]
SigmaStanding = Literal["asked", "not_recorded", "refused"]


class SigmaRuleItem(Document):
    """A rule, with whom it is by and under which licence. `path` is below the folder of rules."""

    id: str | None
    title: str
    level: SigmaLevel
    status: str | None = None
    logsource: str
    tags: tuple[str, ...] = ()
    author: str | None = None
    license: str | None = None
    path: str
    line: int
    kind: Literal["rule", "correlation", "filter"] = "rule"


class SigmaEvidence(Document):
    """A record that met a rule: the file that it stands in, of which collection, and where in it. `sha256` is
    the file's among those that were taken in."""

    file: str
    within: str | None
    sha256: str
    row: int
    channel: str
    event_id: int
    record: int | None
    at: Time


class SigmaFinding(Document):
    """What one rule found on one terminal. `terminal` and `site` are null where no terminal of the inventory
    has that name; `evidence` are the first records."""

    rule: SigmaRuleItem
    hostname: str
    terminal: str | None
    site: str | None
    events: int
    first: Time
    last: Time
    evidence: tuple[SigmaEvidence, ...]


class SigmaEnd(Document):
    """One end of a connection: who it was in the register when the rule met it last, and its terminal in the
    inventory, by its address. Null where that is not known; `address` where the record does not tell."""

    address: str | None
    realm: str | None = None
    asset: str | None = None
    site: str | None = None
    terminal: str | None = None
    hostname: str | None = None


class SigmaRecord(Document):
    """A sensor's record that met a rule: the file that it stands in, and its line."""

    file: str
    sha256: str
    sensor: str
    row: int
    at: Time


class SigmaConnection(Document):
    """What one rule found in the records of one connection. `log` is the kind of record (`dns`, `conn` …),
    `records` how many, those of each sensor counted; `evidence` are the first."""

    rule: SigmaRuleItem
    log: str
    src: SigmaEnd
    dst: SigmaEnd
    port: int | None
    sensors: tuple[str, ...]
    records: int
    first: Time
    last: Time
    evidence: tuple[SigmaRecord, ...]


class SigmaRefusal(Document):
    """A rule that is not asked, and why; `not_recorded` where it is about logs that are not kept here."""

    rule: SigmaRuleItem
    standing: SigmaStanding
    why: str


class SigmaUnrecorded(Document):
    """A log source that rules ask for and no terminal, and no sensor, has recorded."""

    logsource: str
    rules: int
    why: str


class SigmaTerminal(Document):
    """How one machine's logs answer: `missing` are log sources of asked rules that it has not recorded."""

    hostname: str
    terminal: str | None
    outcome: Outcome
    events: int
    last: Time | None
    reason: str | None = None
    missing: tuple[str, ...] = ()


class SigmaDocument(Document):
    """`sekisho fleet sigma run --format json`. `rules` are all in the folder: `asked`, `refused`, `unrecorded`
    (about logs that no terminal recorded), `passed_over` (by level or status) and `filters` add up to them.
    `answered` says whether terminals' states follow."""

    schema_: Literal["sekisho.fleet-sigma/1"] = Field(default="sekisho.fleet-sigma/1", alias="schema")
    folder: str
    level: SigmaLevel
    rules: int
    asked: int
    refused: int
    unrecorded: int
    passed_over: int
    filters: int
    events: int
    files: int
    unread: int
    answered: bool
    findings: tuple[SigmaFinding, ...]
    connections: tuple[SigmaConnection, ...] = ()
    terminals: tuple[SigmaTerminal, ...]
    refusals: tuple[SigmaRefusal, ...]
    not_recorded: tuple[SigmaUnrecorded, ...]
    notes: tuple[str, ...] = ()


class SigmaListed(Document):
    """A rule in the list. `terminals` is how many machines recorded what it looks at, `sensors` whether sensors
    on the network did, null where it is not about those."""

    rule: SigmaRuleItem
    standing: SigmaStanding
    terminals: int
    sensors: bool | None = None
    needs: tuple[str, ...] = ()
    why: str | None = None


class SigmaRulesDocument(Document):
    """`sekisho fleet sigma rules --format json`: what each rule needs, and whether it is recorded."""

    schema_: Literal["sekisho.sigma-rules/1"] = Field(default="sekisho.sigma-rules/1", alias="schema")
    folder: str
    rules: tuple[SigmaListed, ...]
    machines: int
    notes: tuple[str, ...] = ()
