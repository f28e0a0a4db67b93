"""What an investigation says, as documents: the contract `sekisho.investigation/1`.

Field names and their meanings are relied on outside; within version 1 they only grow. Times are aware
UTC; sizes are IP-layer bytes; addresses are text. A realm is left out where it is the default one.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from sekisho.model.findings import Bytes, Document, Onset, Realm, Span, Time
from sekisho.model.incident_state import IncidentDocument, InquiryDocument
from sekisho.model.incident_state import Seed as Seed
from sekisho.model.incident_state import SeedKind as SeedKind
from sekisho.model.sites import RelayKind
from sekisho.model.verdicts import Verdict

HopKind = Literal["connect", "reverse"]
AssetRole = Literal["confirmed", "suspected"]
LogonAnswer = Literal[
    "seen",
    "refused",
    "traces_removed",
    "incomplete",
    "unclear",
    "told_elsewhere",
    "no_log",
    "not_asked",
    "too_little",
]


LOGONS = "logons"
"""The source of what the timeline has from hosts' logs and from logs of logons."""


class Evidence(Document):
    """Where a claim can be looked up.

    A record: `path` of the file it was read from, the file's `sha256`, the `row` in it, and the `sensor`.
    Where raw flows are gone, `day` is the UTC day of the roll-up that still says it. What is neither a
    record nor a roll-up (an action, a note, an answer) says in `text` what it is.
    """

    path: str | None = None
    sha256: str | None = None
    row: int | None = None
    sensor: str | None = None
    at: Time | None = None
    day: Time | None = None
    text: str | None = None


class Factor(Document):
    """One reason for or against, with what it weighs: 1.0 makes ten times likelier, -1.0 a tenth as likely."""

    id: str
    weight: float
    text: str


class Candidate(Document):
    """An asset at which it may have begun; a `share` of 1 would be certain."""

    address: str
    realm: Realm = None
    site: str | None = None
    rank: int
    share: float
    since: Time | None = None
    why: tuple[Factor, ...] = ()


class Entry(Document):
    """The first compromised internal asset; `rank` 1 is the likeliest, the others are in `candidates`.

    `through` is the party outside through which commands came in, where one was seen.
    """

    address: str
    realm: Realm = None
    site: str | None = None
    rank: int = 1
    share: float = 1.0
    since: Time | None = None
    through: str | None = None
    why: tuple[Factor, ...] = ()
    candidates: tuple[Candidate, ...] = ()


class AccountSwitch(Document):
    """At `host` the account was changed: who came as `came` went on as `left`. Without evidence the logons on
    both sides of it alone show it."""

    host: str
    came: str
    left: str
    at: Time
    evidence: tuple[Evidence, ...] = ()


class HopLogons(Document):
    """What logons say of a hop. `no_log` and `traces_removed` are different answers: in the one no log of the
    host covers the time, in the other one does and has nothing of it."""

    answer: LogonAnswer
    why: str
    accounts: tuple[str, ...] = ()
    switched: tuple[AccountSwitch, ...] = ()
    evidence: tuple[Evidence, ...] = ()


class OtherUse(Document):
    """A further connection between the two hosts of a hop, the same way, in the same incident."""

    port: int
    protocol: str
    service: str
    at: Time
    kind: HopKind
    technique: str
    verdict: Verdict
    likelihood: float
    sessions: int
    account: str | None = None
    logons: HopLogons | None = None
    evidence: tuple[Evidence, ...] = ()


class HopChange(Document):
    """A day on which a connection, or the host that opened it, left its own baseline: the first of its kind.
    `days` is how many such days there were."""

    at: Time
    kind: Literal["volume", "hours", "initiator", "peers"]
    text: str
    days: int = 1


class Through(Document):
    """A declared relay through which a step went: the initiator's own session was into it. `share` is how
    sure it is that the session was this initiator's; `evidence` are the records of that session."""

    relay: str
    kind: RelayKind
    address: str
    realm: Realm = None
    site: str | None = None
    port: int
    protocol: str
    at: Time
    share: float
    why: str
    evidence: tuple[Evidence, ...] = ()


class Client(Document):
    """Somebody who may stand behind a relay: in `sessions` of those whose initiator is hidden."""

    address: str
    realm: Realm = None
    site: str | None = None
    rank: int
    share: float
    sessions: int
    why: str


class HiddenBehind(Document):
    """The relay that hides who took a step, why nobody can be told, and who may be it, the likeliest first.
    Shares add up to less than 1 where it may have been somebody whose session nobody recorded."""

    relay: str
    kind: RelayKind
    address: str
    realm: Realm = None
    site: str | None = None
    why: str
    candidates: tuple[Client, ...] = ()


class HopDocument(Document):
    """One step of control.

    `src` opened the connection and `dst` answered; `reverse`: control ran from `dst` to `src`. `at` is when
    the step was taken; `onset` the earliest of this connection in all evidence, `changed` the first day on
    which it left its own baseline, `changes` the first of each kind. `likelihood` (0 to 1) is what the factors
    make of it. `also` are other services by which the same two hosts were joined later. `account` is who
    travelled, where that is on record. `through` names the relay that passed it on; where `hidden_behind` is
    there, the end with the relay's address is somebody behind it.
    """

    src: str
    src_realm: Realm = None
    src_site: str | None = None
    dst: str
    dst_realm: Realm = None
    dst_site: str | None = None
    port: int
    protocol: str
    service: str | None = None
    at: Time
    kind: HopKind
    technique: str
    technique_name: str | None = None
    technique_why: str | None = None
    verdict: Verdict | None = None
    likelihood: float = 0.0
    role: AssetRole = "suspected"
    onset: Onset | None = None
    changed: Time | None = None
    changed_why: str | None = None
    changes: tuple[HopChange, ...] = ()
    sessions: int = 0
    bytes_out: Bytes | None = None
    bytes_in: Bytes | None = None
    evidence: tuple[Evidence, ...] = ()
    why: tuple[Factor, ...] = ()
    also: tuple[OtherUse, ...] = ()
    account: str | None = None
    logons: HopLogons | None = None
    unobservable: str | None = None
    """Why nobody could see what led to this step, where nobody could."""
    through: tuple[Through, ...] = ()
    hidden_behind: HiddenBehind | None = None


class Path(Document):
    """Hops in order of time, each from where control had arrived. `score` (0 to 1): the likelihood of the
    weakest part of it."""

    score: float
    hops: tuple[HopDocument, ...]
    why: tuple[str, ...] = ()


class Holdings(Document):
    """What an asset keeps, as assets.csv says it: whose it is, kinds of data, about how many people."""

    division: str | None = None
    data: tuple[str, ...] = ()
    people: int | None = None


class ScopeAsset(Document):
    """An asset that the incident reached. `confirmed` rests on a connection that no rule allows or on
    evidence of its own; `since` is when control first reached it, as far as evidence goes."""

    address: str
    realm: Realm = None
    asset: str | None = None
    site: str | None = None
    role: AssetRole
    since: Time
    since_kind: Literal["observed", "on_or_before"] = "observed"
    why: str | None = None
    holds: Holdings | None = None
    evidence: tuple[Evidence, ...] = ()
    """What checks found on it; the evidence of steps is with the steps."""


class Scope(Document):
    """Everything reached: sites by name, assets in order of time."""

    sites: tuple[str, ...] = ()
    assets: tuple[ScopeAsset, ...] = ()


class AccountHop(Document):
    """A hop that an account travelled."""

    src: str
    dst: str
    port: int
    service: str | None = None
    at: Time


class AccountDocument(Document):
    """An account that travelled: its hops in order of time, and where another was changed for it."""

    account: str
    since: Time
    until: Time
    hops: tuple[AccountHop, ...] = ()
    switched: tuple[AccountSwitch, ...] = ()
    evidence: tuple[Evidence, ...] = ()


class TracesRemoved(Document):
    """A logon that a host's log should have and has not, or a log that was cleared: somebody removed traces
    at `address`. `src`, `port` and `protocol` are those of the hop that it is about."""

    kind: Literal["logon_missing", "log_cleared"]
    address: str
    realm: Realm = None
    asset: str | None = None
    site: str | None = None
    at: Time
    src: str
    port: int
    protocol: str
    service: str | None = None
    technique: str
    technique_name: str | None = None
    why: str
    evidence: tuple[Evidence, ...] = ()


class LogonTally(Document):
    """How far logons could be asked: `connections` of all hops, `asked` those to a service that writes logons
    down or with one on record, `checked` those that a record or the host's own log answers; the rest by what
    is missing."""

    connections: int = 0
    asked: int = 0
    checked: int = 0
    told_elsewhere: int = 0
    no_log: int = 0
    incomplete: int = 0
    unclear: int = 0
    traces_removed: int = 0


class Collected(Document):
    """What an asset had taken from another before it sent something on."""

    address: str
    realm: Realm = None
    bytes: Bytes
    holds: Holdings | None = None


class Exfiltration(Document):
    """What left an asset in scope for one peer. `src` is where the bytes came from, `dst` where they went,
    whoever opened the connection.

    `bytes` is what counts: all that went to a peer that is new, the excess over the baseline to one that is
    not. `external`: `dst` is no host of the company. `likelihood` (0 to 1) is what the factors make of it.
    `party` names who stands at `dst`, where a list, a zone or a server's name says it. `holds` is what `src`
    keeps, `collected` from where `src` had taken as much before.
    """

    src: str
    src_realm: Realm = None
    dst: str
    dst_realm: Realm = None
    external: bool
    bytes: Bytes
    begin: Time = Field(alias="from")
    end: Time = Field(alias="to")
    technique: str | None = None
    technique_name: str | None = None
    src_site: str | None = None
    dst_site: str | None = None
    services: tuple[str, ...] = ()
    party: str | None = None
    likelihood: float = 0.0
    holds: Holdings | None = None
    collected: tuple[Collected, ...] = ()
    why: tuple[Factor, ...] = ()
    evidence: tuple[Evidence, ...] = ()


LeavingState = Literal["left", "no_evidence", "no_coverage"]


class Leaving(Document):
    """Whether anything left an asset: `left`; `no_evidence`, where sensors watched and saw nothing beyond the
    ordinary; `no_coverage`, where nobody could have seen it. These two are different answers.

    `since` is from when on it was looked at, `watched` and `unwatched` the hours since with and without a
    sensor that sees what the asset's site exchanges with the internet.
    """

    address: str
    realm: Realm = None
    asset: str | None = None
    site: str | None = None
    state: LeavingState
    since: Time
    sensors: tuple[str, ...] = ()
    watched: float = 0.0
    unwatched: float = 0.0
    why: str


class TimelineItem(Document):
    """One line of the story. `local` is the same time where it happened, with the zone's offset."""

    at: Time
    kind: str
    text: str
    evidence: tuple[Evidence, ...] = ()
    site: str | None = None
    local: str | None = None
    source: str | None = None


NO_SENSOR = "(none)"
"""Stands for the sensor of a site that has none of the kind that matters; no sensor may have this name."""


class Unobservable(Document):
    """A time in which a sensor that matters to the incident recorded nothing, and what that hides. Where a site
    has no such sensor, `sensor` is `(none)`."""

    sensor: str
    begin: Time = Field(alias="from")
    end: Time = Field(alias="to")
    why: str


class Place(Document):
    """A site of the register, for who reads the document elsewhere. `timezone` is an IANA name, `sensors` are
    those that see what crosses its border."""

    site: str
    title: str
    country: str
    timezone: str
    sensors: tuple[str, ...] = ()


class Custody(Document):
    """The ledger that the incident's actions stand in, as it was when this was told.

    `entries` is how many it has, `head` the hash of the last, `root` that of the tree over all of them
    (null where it is not known yet), `own` how many are about this incident. `signed` is the size of the newest
    signed head that is kept beside it, null where none is: a head that is only here proves nothing to others.
    """

    entries: int
    head: str
    root: str | None = None
    own: int
    signed: int | None = None


class InvestigationDocument(Document):
    """`sekisho investigate show INCIDENT --format json`."""

    schema_: Literal["sekisho.investigation/1"] = Field(
        default="sekisho.investigation/1", alias="schema"
    )
    id: str | None = None
    window: Span | None = None
    seeds: tuple[Seed, ...]
    entry: Entry | None
    onset: Onset | None
    paths: tuple[Path, ...] = ()
    scope: Scope = Scope()
    accounts: tuple[AccountDocument, ...] = ()
    traces_removed: tuple[TracesRemoved, ...] = ()
    logons: LogonTally | None = None
    exfiltration: tuple[Exfiltration, ...] = ()
    leaving: tuple[Leaving, ...] = ()
    timeline: tuple[TimelineItem, ...] = ()
    unobservable: tuple[Unobservable, ...] = ()
    notes: tuple[str, ...] = ()
    incident: IncidentDocument | None = None
    inquiry: InquiryDocument | None = None
    places: tuple[Place, ...] = ()
    custody: Custody | None = None
