"""What an investigation says, as documents: the contract `sekisho.investigation/1`.

Field names and their meanings are relied on outside; within version 1 they only grow. Times are aware
UTC; sizes are IP-layer bytes; addresses are text. A realm is left out where it is the default one.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from sekisho.model.findings import Bytes, Document, Onset, Span, Time
from sekisho.model.incident_state import IncidentDocument, InquiryDocument
from sekisho.model.incident_state import Seed as Seed
from sekisho.model.incident_state import SeedKind as SeedKind
from sekisho.model.verdicts import Verdict

HopKind = Literal["connect", "reverse"]
AssetRole = Literal["confirmed", "suspected"]


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
    realm: str | None = Field(default=None, exclude_if=lambda v: not v)
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
    realm: str | None = Field(default=None, exclude_if=lambda v: not v)
    site: str | None = None
    rank: int = 1
    share: float = 1.0
    since: Time | None = None
    through: str | None = None
    why: tuple[Factor, ...] = ()
    candidates: tuple[Candidate, ...] = ()


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
    evidence: tuple[Evidence, ...] = ()


class HopDocument(Document):
    """One step of control.

    `src` opened the connection and `dst` answered; `reverse`: control ran from `dst` to `src`. `at` is when
    the step was taken; `onset` the earliest of this connection in all evidence, `changed` the first day on
    which it left its own baseline. `likelihood` (0 to 1) is what the factors make of it. `also` are other
    services by which the same two hosts were joined later.
    """

    src: str
    src_realm: str | None = Field(default=None, exclude_if=lambda v: not v)
    src_site: str | None = None
    dst: str
    dst_realm: str | None = Field(default=None, exclude_if=lambda v: not v)
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
    sessions: int = 0
    bytes_out: Bytes | None = None
    bytes_in: Bytes | None = None
    evidence: tuple[Evidence, ...] = ()
    why: tuple[Factor, ...] = ()
    also: tuple[OtherUse, ...] = ()
    unobservable: str | None = None
    """Why nobody could see what led to this step, where nobody could."""


class Path(Document):
    """Hops in order of time, each from where control had arrived. `score` (0 to 1): the likelihood of the
    weakest part of it."""

    score: float
    hops: tuple[HopDocument, ...]
    why: tuple[str, ...] = ()


class ScopeAsset(Document):
    """An asset that the incident reached. `confirmed` rests on a connection that no rule allows or on
    evidence of its own; `since` is when control first reached it, as far as evidence goes."""

    address: str
    realm: str | None = Field(default=None, exclude_if=lambda v: not v)
    asset: str | None = None
    site: str | None = None
    role: AssetRole
    since: Time
    since_kind: Literal["observed", "on_or_before"] = "observed"
    why: str | None = None


class Scope(Document):
    """Everything reached: sites by name, assets in order of time."""

    sites: tuple[str, ...] = ()
    assets: tuple[ScopeAsset, ...] = ()


class Exfiltration(Document):
    """What left an asset in scope for one peer. `src` is where the bytes came from, `dst` where they went."""

    src: str
    src_realm: str | None = Field(default=None, exclude_if=lambda v: not v)
    dst: str
    dst_realm: str | None = Field(default=None, exclude_if=lambda v: not v)
    external: bool
    bytes: Bytes
    begin: Time = Field(alias="from")
    end: Time = Field(alias="to")
    technique: str | None = None
    why: tuple[Factor, ...] = ()
    evidence: tuple[Evidence, ...] = ()


class TimelineItem(Document):
    """One line of the story. `local` is the same time where it happened, with the zone's offset."""

    at: Time
    kind: str
    text: str
    evidence: tuple[Evidence, ...] = ()
    site: str | None = None
    local: str | None = None
    source: str | None = None


class Unobservable(Document):
    """A time in which a sensor that matters to the incident recorded nothing, and what that hides."""

    sensor: str
    begin: Time = Field(alias="from")
    end: Time = Field(alias="to")
    why: str


class Place(Document):
    """A site of the register, for who reads the document elsewhere. `timezone` is an IANA name."""

    site: str
    title: str
    country: str
    timezone: str


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
    exfiltration: tuple[Exfiltration, ...] = ()
    timeline: tuple[TimelineItem, ...] = ()
    unobservable: tuple[Unobservable, ...] = ()
    notes: tuple[str, ...] = ()
    incident: IncidentDocument | None = None
    inquiry: InquiryDocument | None = None
    places: tuple[Place, ...] = ()
    custody: Custody | None = None
