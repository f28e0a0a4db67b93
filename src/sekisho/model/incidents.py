"""What an investigation says, as documents: the contract `sekisho.investigation/1`.

Field names and their meanings are relied on outside; within version 1 they only grow. Times are aware
UTC; sizes are IP-layer bytes; addresses are text. A realm is left out where it is the default one.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from sekisho.model.findings import Bytes, Document, Onset, Realm, Span, Time
from sekisho.model.hops import AccountSwitch, AssetRole, Evidence, Factor, Path
from sekisho.model.incident_state import IncidentDocument, InquiryDocument
from sekisho.model.incident_state import Seed as Seed
from sekisho.model.incident_state import SeedKind as SeedKind

LOGONS = "logons"
"""The source of what the timeline has from hosts' logs and from logs of logons."""


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
