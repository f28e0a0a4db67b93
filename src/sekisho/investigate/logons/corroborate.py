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
from itertools import groupby

from sekisho.investigate.logons.base import (
    AUTHENTICATED,
    REMOTE,
    SLACK,
    Answer,
    Corroboration,
    LogHour,
    Seen,
    Source,
    Step,
    Switch,
    same_account,
    same_host,
)
from sekisho.model.logons import LogonKind

Offsets = Mapping[str, timedelta]
HOUR = timedelta(hours=1)
LONGEST = timedelta(days=2)
"""A session longer than this is looked at for this long from its beginning."""

_LET_IN = frozenset({LogonKind.LOGON, LogonKind.NTLM, LogonKind.SHARE, LogonKind.FILE})
_HOLES = frozenset({LogonKind.LOG_CLEARED, LogonKind.RECORDS_MISSING})
_REFUSALS = frozenset({LogonKind.LOGON, LogonKind.NTLM})


def corroborate(
    steps: Sequence[Step], logons: Iterable[Seen], hours: Iterable[LogHour], offsets: Offsets
) -> tuple[Corroboration, ...]:
    """What logons say of each step, in the order given.

    `offsets` is how far ahead a sensor's clock runs; one that is not named counts as right. Logons of
    machine accounts count as logons, but name nobody where a person's do.
    """
    ordered = _Ordered(
        (replace(one, at=one.at - offsets.get(one.source.sensor, timedelta())) for one in logons),
    )
    of_host: dict[str, list[LogHour]] = defaultdict(list)
    for hour in hours:
        of_host[_label(hour.host)].append(hour)
    found = [_answer(step, ordered, of_host, offsets) for step in steps]
    return tuple(_with_switches(found, ordered))


class _Ordered:
    """Logons in order of time."""

    def __init__(self, logons: Iterable[Seen]) -> None:
        self._all = sorted(logons, key=lambda one: (one.at, one.source.path, one.source.row))
        self._times = [one.at for one in self._all]

    def between(self, begin: datetime, end: datetime) -> Sequence[Seen]:
        """Those from `begin` to `end`, both included."""
        return self._all[bisect_left(self._times, begin) : bisect_right(self._times, end)]


def _answer(
    step: Step, logons: _Ordered, hours: Mapping[str, Sequence[LogHour]], offsets: Offsets
) -> Corroboration:
    begin, end = step.begin - SLACK, min(step.end, step.begin + LONGEST) + SLACK
    during = logons.between(begin, end)
    near = [one for one in during if _at(one, step)]
    own = [one for one in near if _from(one, step)]
    let_in = [one for one in own if one.kind in _LET_IN and one.success is not False]
    if let_in:
        accounts = _people(one.account for one in let_in)
        who = ", ".join(accounts) or "an account that is not told"
        why = f"{who} was let in by {let_in[0].host}"
        return Corroboration(step, Answer.SEEN, why, accounts, _sources(let_in))
    service = AUTHENTICATED.get(step.port) if step.protocol == "tcp" else None
    if service is None:
        return Corroboration(
            step, Answer.NOT_ASKED, f"port {step.port} is no service that writes logons down"
        )
    refused = [
        one
        for one in own
        if one.kind is LogonKind.LOGON_FAILED or (one.kind in _REFUSALS and one.success is False)
    ]
    if refused:
        accounts = _people(one.account for one in refused)
        who = ", ".join(accounts) or "somebody"
        why = f"{who} was refused, and nobody let in is on record"
        return Corroboration(step, Answer.REFUSED, why, accounts, _sources(refused))
    lacking = [one for one in near if one.kind in _HOLES]
    covered, holes = _covered(step, begin, end, hours, offsets)
    if lacking or holes:
        why = "the host's log was cleared then or lacks records of that time"
        return Corroboration(step, Answer.INCOMPLETE, why, (), _sources(lacking))
    if not covered:
        return Corroboration(step, Answer.NO_LOG, f"no log of logons of {step.dst} covers that time")
    unclear = [
        one
        for one in near
        if one.kind is LogonKind.LOGON
        and (one.logon_type is None or one.logon_type in REMOTE)
        and one.src is None
        and one.src_name is None
    ]
    if unclear:
        accounts = _people(one.account for one in unclear)
        why = "somebody was let in whose source the log does not tell"
        return Corroboration(step, Answer.UNCLEAR, why, accounts, _sources(unclear))
    why = (
        f"traces removed: {step.dst} writes down who comes in over {service}, its log covers that time,"
        " and nobody from there is in it"
    )
    return Corroboration(step, Answer.TRACES_REMOVED, why)


def _at(one: Seen, step: Step) -> bool:
    """Whether a logon is one at the step's responder."""
    return step.dst in (one.host, one.dst) or same_host(one.host, step.dst_names)


def _from(one: Seen, step: Step) -> bool:
    """Whether it came from the step's initiator; an address is believed before a name, which a client
    chooses itself."""
    if one.src is not None:
        return one.src == step.src
    return one.src_name is not None and same_host(one.src_name, step.src_names)


def _covered(
    step: Step, begin: datetime, end: datetime, hours: Mapping[str, Sequence[LogHour]], offsets: Offsets
) -> tuple[bool, bool]:
    """Whether every hour of the step is one of which the host's log speaks, and whether one has holes.

    Hours are of the sensor's own clock, so the step's time is brought to that.
    """
    labels = {_label(name) for name in (step.dst, *step.dst_names)}
    own = [
        hour
        for label in labels
        for hour in hours.get(label, ())
        if step.dst == hour.host or same_host(hour.host, step.dst_names)
    ]
    for sensor in {hour.sensor for hour in own}:
        ahead = offsets.get(sensor, timedelta())
        wanted = set(_hours(begin + ahead, end + ahead))
        mine = [hour for hour in own if hour.sensor == sensor and hour.hour in wanted]
        if any(hour.missing for hour in mine):
            return False, True
        if wanted <= {hour.hour for hour in mine if hour.logons}:
            return True, False
    return False, False


def _label(name: str) -> str:
    """The first part of a name: what its short and its full form have in common."""
    return name.lower().partition(".")[0]


def _hours(begin: datetime, end: datetime) -> Iterable[datetime]:
    hour = begin.replace(minute=0, second=0, microsecond=0)
    while hour <= end:
        yield hour
        hour += HOUR


def _with_switches(found: Sequence[Corroboration], logons: _Ordered) -> Iterable[Corroboration]:
    arrived = sorted((one for one in found if one.accounts), key=lambda one: one.step.begin)
    for one in found:
        if one.answer is not Answer.SEEN:
            yield one
            continue
        switched = [*_explicit(one, logons), *_between(one, arrived)]
        # What a record says outright is not said again by comparing what lies beside it.
        pairs: dict[tuple[str, str], Switch] = {}
        for switch in switched:
            pairs.setdefault((switch.came.lower(), switch.left.lower()), switch)
        yield replace(one, switched=tuple(pairs.values()))


def _explicit(one: Corroboration, logons: _Ordered) -> Iterable[Switch]:
    """Credentials of another account, used at the step's source for its responder."""
    step = one.step
    for seen in logons.between(step.begin - SLACK, min(step.end, step.begin + LONGEST)):
        if seen.kind is not LogonKind.EXPLICIT_CREDENTIALS or not seen.actor or not seen.account:
            continue
        there = step.src == seen.host or same_host(seen.host, step.src_names)
        meant = (seen.target or "").lower()
        if not there or not (meant == step.dst or (meant and same_host(meant, step.dst_names))):
            continue
        if not same_account(seen.actor, seen.account):
            yield Switch(step.src, seen.actor, seen.account, seen.at, (seen.source,))


def _between(one: Corroboration, arrived: Sequence[Corroboration]) -> Iterable[Switch]:
    """The account that came last to the step's source is another than the one that left it."""
    step = one.step
    before = [
        other
        for other in arrived
        if other.answer is Answer.SEEN and other.step.dst == step.src and other.step.begin < step.begin
    ]
    if not before:
        return
    last = before[-1]
    kept = any(same_account(a, b) for a in last.accounts for b in one.accounts)
    if not kept and one.accounts:
        yield Switch(step.src, last.accounts[0], one.accounts[0], step.begin)


def _people(accounts: Iterable[str | None]) -> tuple[str, ...]:
    """Accounts in the order met, each once; those of machines and of nobody only where there are no others."""
    met = list(dict.fromkeys(account for account in accounts if account))
    once = [next(group) for _, group in groupby(met, key=str.lower)]
    people = [one for one in once if not one.partition("@")[0].endswith("$") and "ANONYMOUS" not in one]
    return tuple(people or once)


def _sources(logons: Iterable[Seen]) -> tuple[Source, ...]:
    return tuple(one.source for one in logons)
