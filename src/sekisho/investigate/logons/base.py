"""What is asked of logons about a step, and what they answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class Step:
    """A session that one end opened to the other, established: `begin` and `end` aware. The names are those
    that the register knew of each end at that time, short or in full."""

    src: str
    dst: str
    port: int
    protocol: str
    begin: datetime
    end: datetime
    src_names: frozenset[str] = frozenset()
    dst_names: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Source:
    """Where a logon stands."""

    sensor: str
    path: str
    sha256: str
    row: int


@dataclass(frozen=True, slots=True)
class Seen:
    """One logon as the lake has it: `at` aware, of its sensor's clock; addresses are text."""

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


@dataclass(frozen=True, slots=True)
class LogHour:
    """What a host's own log says of one hour: how many logons, and at how many places it lacks records."""

    host: str
    sensor: str
    hour: datetime
    logons: int
    missing: int


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
    """Somebody was let in whose source is not told: it may have been this."""
    NO_LOG = "no_log"
    """No log of the host covers the time."""
    NOT_ASKED = "not_asked"
    """The service is none that writes logons down."""


@dataclass(frozen=True, slots=True)
class Corroboration:
    """What logons say of one step: the accounts let in, from what to what they were changed at its source,
    why, and where it stands."""

    step: Step
    answer: Answer
    why: str
    accounts: tuple[str, ...] = ()
    evidence: tuple[Source, ...] = ()
    switched: tuple[Switch, ...] = ()


@dataclass(frozen=True, slots=True)
class Switch:
    """At `host` the account was changed: who came as `came` went on as `left`. `evidence` is empty where only
    the logons on both sides of it show it."""

    host: str
    came: str
    left: str
    at: datetime
    evidence: tuple[Source, ...] = ()


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
