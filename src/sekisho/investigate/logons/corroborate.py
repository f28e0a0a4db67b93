"""Which account travelled on each step, where it was changed, and where a logon should be and is not.

Pure: steps, logons, what hosts' logs cover and how clocks differ in; answers out. A missing logon is told only
of a step to a service that writes logons down, in hours of which the host's own log speaks and says of no gap:
whatever is less than that is named for what it is.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sekisho.investigate.logons.base import (
    AUTHENTICATED,
    DRIFT,
    LEAST_RECEIVED,
    LEAST_SENT,
    REMOTE,
    SLACK,
    Answer,
    Clocks,
    Corroboration,
    LogHour,
    Seen,
    Source,
    Step,
    Switch,
    label,
    same_account,
    same_host,
)
from sekisho.model.logons import LogonKind

HOUR = timedelta(hours=1)
LONGEST = timedelta(days=2)
"""A session longer than this is looked at for this long from its beginning."""

_LET_IN = frozenset({LogonKind.LOGON, LogonKind.NTLM, LogonKind.SHARE, LogonKind.FILE})
NAMING = frozenset({Answer.SEEN, Answer.TOLD_ELSEWHERE})
"""Answers whose accounts are those that travelled."""
_HOLES = frozenset({LogonKind.LOG_CLEARED, LogonKind.RECORDS_MISSING})
_REFUSALS = frozenset({LogonKind.LOGON, LogonKind.NTLM})


def corroborate(
    steps: Sequence[Step], logons: Iterable[Seen], hours: Iterable[LogHour], clocks: Clocks
) -> tuple[Corroboration, ...]:
    """What logons say of each step, in the order given.

    Logons of machine accounts count as logons, but name nobody where a person's do.
    """
    ordered = Ordered(logons, clocks)
    of_host: dict[str, list[LogHour]] = defaultdict(list)
    for hour in hours:
        of_host[label(hour.host)].append(hour)
    found = [_answer(step, ordered, of_host, clocks) for step in steps]
    return tuple(_with_switches(found, ordered))


class Ordered:
    """Events in order of time, on one clock."""

    def __init__(self, logons: Iterable[Seen], clocks: Clocks) -> None:
        right = (replace(one, at=one.at - clocks.ahead(one.source.sensor, one.host)) for one in logons)
        self._all = sorted(right, key=lambda one: (one.at, one.source.path, one.source.row))
        self._times = [one.at for one in self._all]

    def between(self, begin: datetime, end: datetime) -> Sequence[Seen]:
        """Those from `begin` to `end`, both included."""
        return self._all[bisect_left(self._times, begin) : bisect_right(self._times, end)]


def _answer(
    step: Step, logons: Ordered, hours: Mapping[str, Sequence[LogHour]], clocks: Clocks
) -> Corroboration:
    begin, end = step.begin - SLACK, min(step.end, step.begin + LONGEST) + SLACK
    during = logons.between(begin, end)
    near = [one for one in during if at_responder(one, step)]
    own = [one for one in near if from_initiator(one, step)]
    let_in = [one for one in own if _enters(one)]
    if let_in:
        # A session begins with its logon; what comes later in a long one may be another's.
        let_in = [one for one in let_in if one.at <= step.begin + SLACK] or let_in
        accounts = people(one.account for one in let_in)
        who = ", ".join(accounts) or "an account that is not told"
        why = f"{who} was let in by {let_in[0].host}"
        return Corroboration(step, Answer.SEEN, why, accounts, _sources(let_in))
    service = AUTHENTICATED.get(step.port) if step.protocol == "tcp" else None
    if service is None:
        why = f"port {step.port} is no service that writes logons down"
        return _elsewhere(step, during, Corroboration(step, Answer.NOT_ASKED, why))
    refused = [
        one
        for one in own
        if one.kind is LogonKind.LOGON_FAILED or (one.kind in _REFUSALS and one.success is False)
    ]
    if refused:
        accounts = people(one.account for one in refused)
        who = ", ".join(accounts) or "somebody"
        why = f"{who} was refused, and nobody let in is on record"
        return Corroboration(step, Answer.REFUSED, why, accounts, _sources(refused))
    lacking = [one for one in near if one.kind in _HOLES]
    covering, holes = _covering(step, begin, end, hours, clocks)
    if lacking or holes:
        why = "the host's log was cleared then or lacks records of that time"
        return Corroboration(step, Answer.INCOMPLETE, why, (), _sources(lacking))
    if not covering:
        why = f"no log of logons of {step.dst} covers that time"
        return _elsewhere(step, during, Corroboration(step, Answer.NO_LOG, why))
    return replace(_missing(step, logons, near, service, clocks), covering=covering)


def _missing(
    step: Step, logons: Ordered, near: Sequence[Seen], service: str, clocks: Clocks
) -> Corroboration:
    """The log covers the time and names nobody from there: why it may yet have been somebody in it."""
    unclear, why = (
        [one for one in near if _nameless(one)],
        "somebody was let in whose source is not told",
    )
    if not unclear:
        unclear = [one for one in near if _enters(one) and one.src in step.shared]
        why = "somebody was let in from an address that stood for several hosts"
    if not unclear:
        around = logons.between(step.begin - DRIFT, min(step.end, step.begin + LONGEST) + DRIFT)
        unclear = [
            one
            for one in around
            if _enters(one)
            and at_responder(one, step)
            and from_initiator(one, step)
            and not clocks.measured(one.source.sensor, one.host)
        ]
        why = "somebody from there was let in minutes off, and the host's clock was not measured"
    if unclear:
        return Corroboration(
            step, Answer.UNCLEAR, why, people(one.account for one in unclear), _sources(unclear)
        )
    small = step.sent is not None and step.received is not None
    if small and ((step.sent or 0) < LEAST_SENT or (step.received or 0) < LEAST_RECEIVED):
        why = "too little went over the session for a logon, and none is on record"
        return Corroboration(step, Answer.TOO_LITTLE, why)
    why = (
        f"traces removed: {step.dst} writes down who comes in over {service}, its log covers that time,"
        " and nobody from there is in it"
    )
    return Corroboration(step, Answer.TRACES_REMOVED, why)


def _enters(one: Seen) -> bool:
    return one.kind in _LET_IN and one.success is not False


def _nameless(one: Seen) -> bool:
    """Let in over the network, or nobody says over what, from nobody says where."""
    remote = one.logon_type is None or one.logon_type in REMOTE
    return one.kind is LogonKind.LOGON and remote and one.src is None and one.src_name is None


def _elsewhere(step: Step, during: Sequence[Seen], otherwise: Corroboration) -> Corroboration:
    """What others than the responder say of who went there."""
    granted = [
        one
        for one in during
        if one.kind is LogonKind.SERVICE_TICKET
        and one.success is not False
        and from_initiator(one, step)
        and same_host(_principal(one.target or ""), step.dst_names)
    ]
    used = [one for one in during if _used_for(one, step)]
    if not granted and not used:
        return otherwise
    accounts = people(one.account for one in (*used, *granted))
    who = ", ".join(accounts) or "somebody there"
    said = f"credentials of {who} were used" if used else f"a ticket was granted to {who}"
    why = f"{said} for {step.dst}; {otherwise.why}"
    return Corroboration(step, Answer.TOLD_ELSEWHERE, why, accounts, _sources((*used, *granted)))


def _used_for(one: Seen, step: Step) -> bool:
    """Whether credentials were given at the step's source for its responder."""
    if one.kind is not LogonKind.EXPLICIT_CREDENTIALS:
        return False
    there = one.host in {step.src} | step.src_also or same_host(one.host, step.src_names)
    meant = _principal(one.target or "")
    here = {step.dst} | step.dst_also
    return there and bool(meant) and (meant in here or same_host(meant, step.dst_names))


def _principal(target: str) -> str:
    """The host of a service's name: `cifs/srv2.corp.example@CORP`, `SRV2$`."""
    return target.partition("@")[0].rpartition("/")[2].rstrip("$")


def at_responder(one: Seen, step: Step) -> bool:
    """Whether an event is one at the step's responder."""
    here = {step.dst} | step.dst_also
    known = one.dst in here and one.dst_realm == step.dst_realm
    known = known or (one.host in here and one.dst_realm == step.dst_realm)
    return known or same_host(one.host, step.dst_names)


def from_initiator(one: Seen, step: Step) -> bool:
    """Whether it came from the step's initiator; an address is believed before a name, which a client
    chooses itself. An address that stood for others too says nothing."""
    if one.src is not None:
        there = ({step.src} | step.src_also) - step.shared
        return one.src in there and one.src_realm == step.src_realm
    return one.src_name is not None and same_host(one.src_name, step.src_names)


def _covering(
    step: Step, begin: datetime, end: datetime, hours: Mapping[str, Sequence[LogHour]], clocks: Clocks
) -> tuple[tuple[LogHour, ...], bool]:
    """The hours of the step where the host's log speaks of each of them, and whether one has holes.

    A log that begins or ends within such an hour must do so before or after the step. Hours are of the host's
    own clock, so the step's time is brought to that.
    """
    labels = {label(name) for name in (step.dst, *step.dst_names)}
    own = [
        hour
        for one in labels
        for hour in hours.get(one, ())
        if step.dst == hour.host or same_host(hour.host, step.dst_names)
    ]
    for sensor, host in sorted({(hour.sensor, hour.host) for hour in own}):
        ahead = clocks.ahead(sensor, host)
        wanted = set(_hours(begin + ahead, end + ahead))
        log = {hour.hour: hour for hour in own if (hour.sensor, hour.host) == (sensor, host)}
        mine = [log[at] for at in sorted(wanted & log.keys())]
        if any(hour.missing for hour in mine):
            return (), True
        speaking = tuple(hour for hour in mine if hour.logons)
        if len(speaking) == len(wanted) and _reaches(log, speaking, begin + ahead, end + ahead):
            return speaking, False
    return (), False


def _reaches(
    log: Mapping[datetime, LogHour], speaking: Sequence[LogHour], begin: datetime, end: datetime
) -> bool:
    """Whether a log had begun before and had not ended."""
    first, last = speaking[0], speaking[-1]
    before, after = log.get(first.hour - HOUR), log.get(last.hour + HOUR)
    begun = before is not None or first.first is None or first.first <= begin
    return begun and (after is not None or last.last is None or last.last >= end)


def _hours(begin: datetime, end: datetime) -> Iterable[datetime]:
    hour = begin.replace(minute=0, second=0, microsecond=0)
    while hour <= end:
        yield hour
        hour += HOUR


def _with_switches(found: Sequence[Corroboration], logons: Ordered) -> Iterable[Corroboration]:
    arrived = sorted(
        (one for one in found if one.accounts and one.answer in NAMING and one.step.taken),
        key=lambda one: one.step.begin,
    )
    for one in found:
        if one.answer not in NAMING:
            yield one
            continue
        carried, between = _between(one, arrived)
        # What a record says outright is not said again by comparing what lies beside it.
        pairs: dict[tuple[str, str], Switch] = {}
        for switch in (*_explicit(one, logons), *between):
            pairs.setdefault((switch.came.lower(), switch.left.lower()), switch)
        yield replace(one, switched=tuple(pairs.values()), carried=carried)


def _explicit(one: Corroboration, logons: Ordered) -> Iterable[Switch]:
    """Credentials of another account, used at the step's source for its responder."""
    step = one.step
    for seen in logons.between(step.begin - SLACK, min(step.end, step.begin + LONGEST)):
        if not _used_for(seen, step) or not seen.actor or not seen.account:
            continue
        if not same_account(seen.actor, seen.account):
            yield Switch(step.src, seen.actor, seen.account, seen.at, (seen.source,))


def _between(
    one: Corroboration, arrived: Sequence[Corroboration]
) -> tuple[str | None, tuple[Switch, ...]]:
    """The account that an earlier step had brought to the step's source and that went on; where none did, the
    change from the one that came last."""
    step = one.step
    before = [
        other
        for other in arrived
        if step.src in {other.step.dst} | other.step.dst_also and other.step.begin < step.begin
    ]
    if not before or not one.accounts:
        return None, ()
    came = [account for other in before for account in other.accounts]
    if nobody(one.accounts[0]) or nobody(before[-1].accounts[0]):
        return None, ()
    kept = next((own for own in one.accounts if any(same_account(own, a) for a in came)), None)
    if kept is not None:
        return kept, ()
    return None, (Switch(step.src, before[-1].accounts[0], one.accounts[0], step.begin),)


def people(accounts: Iterable[str | None]) -> tuple[str, ...]:
    """Accounts in the order met, each once; those of machines and of nobody only where there are no others."""
    met: dict[str, str] = {}
    for account in accounts:
        if account:
            met.setdefault(account.lower(), account)
    once = list(met.values())
    return tuple([one for one in once if not nobody(one)] or once)


def nobody(account: str) -> bool:
    """Whether an account is a machine's own, or nobody's."""
    return account.partition("@")[0].partition("/")[0].endswith("$") or "ANONYMOUS" in account


def _sources(logons: Iterable[Seen]) -> tuple[Source, ...]:
    return tuple(one.source for one in logons)
