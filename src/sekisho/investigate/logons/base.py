"""What is asked of logons about a step, and what they answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from sekisho.model.logons import LogonKind

AUTHENTICATED: Mapping[int, str] = {139: "smb", 445: "smb", 3389: "rdp", 5985: "winrm", 5986: "winrm"}
"""TCP ports of services behind which a Windows host writes down every logon. SSH is none of them: no log of
its logons is read."""

REMOTE = frozenset({3, 8, 10})
"""Windows' types of logons that come over the network; others are services, consoles and jobs."""

SLACK = timedelta(minutes=2)
"""How far a logon may lie from the session it belongs to, beyond what the clocks are known to differ: a prompt
that waits, a session that is written down when it ends."""

DRIFT = timedelta(minutes=10)
"""The same where a host's clock was not measured: twice what Kerberos forgives (RFC 4120). Such a logon names
nobody, but nobody is said to have removed it either."""

LEAST_SENT, LEAST_RECEIVED = 1_500, 800
"""IP-layer bytes below which a session is too small to hold a logon: a port that was only tried is none."""


@dataclass(frozen=True, slots=True)
class Step:
    """A session that one end opened to the other, established: `begin` and `end` aware. The names are those
    that the register knew of each end at that time, short or in full.

    `src_also` and `dst_also` are further addresses of the two hosts, and those that others see in their place;
    `shared` those of them that stood for other hosts too. `sent` and `received` are IP-layer bytes from the
    initiator and to it, None where they are not known. `taken`: it is in the incident, not a candidate alone.
    `sessions` are this and later ones of the same connection, begin and end.
    """

    src: str
    dst: str
    port: int
    protocol: str
    begin: datetime
    end: datetime
    src_names: frozenset[str] = frozenset()
    dst_names: frozenset[str] = frozenset()
    src_realm: str = ""
    dst_realm: str = ""
    src_also: frozenset[str] = frozenset()
    dst_also: frozenset[str] = frozenset()
    shared: frozenset[str] = frozenset()
    sent: int | None = None
    received: int | None = None
    taken: bool = True
    sessions: tuple[tuple[datetime, datetime], ...] = ()


@dataclass(frozen=True, slots=True)
class Source:
    """Where a logon stands."""

    sensor: str
    path: str
    sha256: str
    row: int


@dataclass(frozen=True, slots=True)
class Seen:
    """One logon, or another event of a host, as the lake has it: `at` aware, of its host's clock; addresses
    are text."""

    at: datetime
    host: str
    kind: LogonKind
    source: Source
    success: bool | None = None
    account: str | None = None
    actor: str | None = None
    src: str | None = None
    src_name: str | None = None
    dst: str | None = None
    target: str | None = None
    logon_type: int | None = None
    src_realm: str = ""
    dst_realm: str = ""
    dst_port: int | None = None
    detail: str | None = None


@dataclass(frozen=True, slots=True)
class Clocks:
    """How far clocks run ahead: of sensors, and of hosts that write their own log (by sensor and the first part
    of the host's name). What is in neither counts as right."""

    of_sensor: Mapping[str, timedelta] = field(default_factory=dict)
    of_host: Mapping[tuple[str, str], timedelta] = field(default_factory=dict)

    def ahead(self, sensor: str, host: str) -> timedelta:
        """Of what a sensor has of a host."""
        measured = self.of_host.get((sensor, label(host)))
        return self.of_sensor.get(sensor, timedelta()) if measured is None else measured

    def measured(self, sensor: str, host: str) -> bool:
        """Whether that rests on a measurement."""
        return (sensor, label(host)) in self.of_host or bool(self.of_sensor.get(sensor))

    @property
    def most(self) -> timedelta:
        """The largest difference, whichever way."""
        known = (*self.of_sensor.values(), *self.of_host.values())
        return max((abs(one) for one in known), default=timedelta())


@dataclass(frozen=True, slots=True)
class LogHour:
    """What a host's own log says of one hour: how many logons, at how many places it lacks records, and the
    times of the first and last of these; None: the whole hour is spoken of."""

    host: str
    sensor: str
    hour: datetime
    logons: int
    missing: int
    first: datetime | None = None
    last: datetime | None = None


class Answer(StrEnum):
    """What logons say of a step."""

    SEEN = "seen"
    """Somebody was let in."""
    REFUSED = "refused"
    """Somebody tried and was not, and no logon is on record."""
    TRACES_REMOVED = "traces_removed"
    """The host's log covers the time and has nothing of it."""
    INCOMPLETE = "incomplete"
    """The host's log was cleared then or lacks records: nobody can say."""
    UNCLEAR = "unclear"
    """Somebody was let in who may have been this: the source is not told, or stands for several hosts, or the
    time is minutes off and the host's clock was not measured."""
    TOLD_ELSEWHERE = "told_elsewhere"
    """No log of the host covers the time; a domain controller granted a ticket for it to somebody at its
    source, or the source's own log says whose credentials were used for it."""
    NO_LOG = "no_log"
    """No log of the host covers the time."""
    NOT_ASKED = "not_asked"
    """The service is none that writes logons down."""
    TOO_LITTLE = "too_little"
    """Too little went over the session for a logon."""


@dataclass(frozen=True, slots=True)
class Corroboration:
    """What logons say of one step: the accounts let in, from what to what they were changed at its source,
    why, and where it stands. `carried` is the account of them that an earlier step had brought to its source;
    `covering` the hours of the host's log that show that it speaks of that time."""

    step: Step
    answer: Answer
    why: str
    accounts: tuple[str, ...] = ()
    evidence: tuple[Source, ...] = ()
    switched: tuple[Switch, ...] = ()
    carried: str | None = None
    covering: tuple[LogHour, ...] = ()


@dataclass(frozen=True, slots=True)
class Switch:
    """At `host` the account was changed: who came as `came` went on as `left`. `evidence` is empty where only
    the logons on both sides of it show it."""

    host: str
    came: str
    left: str
    at: datetime
    evidence: tuple[Source, ...] = ()


def label(name: str) -> str:
    """The first part of a name in lower case: what its short and its full form have in common. An address is
    its own."""
    lower = name.lower()
    return lower if lower.replace(".", "").isdigit() else lower.partition(".")[0]


def same_host(one: str, names: frozenset[str]) -> bool:
    """Whether a name is one of the names, in full where both are, else by their first part; never by case."""
    name = one.lower()
    for other in names:
        known = other.lower()
        if name == known:
            return True
        short = "." not in name or "." not in known
        if short and name.partition(".")[0] == known.partition(".")[0]:
            return True
    return False


def same_account(one: str, other: str) -> bool:
    """Whether two ways of writing may mean one account: DOMAIN\\user, user@REALM, user/REALM, user."""
    return user_of(one) == user_of(other)


def user_of(account: str) -> str:
    """The account's name without its domain or realm, in lower case."""
    return account.rpartition("\\")[2].partition("@")[0].partition("/")[0].lower()
