"""A step of control as a document, with what it rests on: part of the contract `sekisho.investigation/1`."""

from __future__ import annotations

from typing import Literal

from sekisho.model.findings import Bytes, Document, Onset, Realm, Time
from sekisho.model.sites import RelayKind
from sekisho.model.verdicts import OnsetKind, Verdict

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
    the step was taken, or by when at the latest where `at_kind` says so, since nobody watched it begin; `onset`
    the earliest of this connection in all evidence, `changed` the first day on which it left its own baseline,
    `changes` the first of each kind. `likelihood` (0 to 1) is what the factors make of it. `also` are other
    services by which the same two hosts were joined later. `account` is who travelled, where that is on record.
    `through` names the relay that passed it on; where `hidden_behind` is there, the end with the relay's
    address is somebody behind it.
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
    at_kind: OnsetKind = "observed"
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
