"""What a host says was done on it while sessions into it were open: services, processes, logs cleared."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from sekisho.investigate.logons.base import SLACK, Seen, Source, Step
from sekisho.investigate.logons.corroborate import LONGEST, Ordered, at_responder, from_initiator
from sekisho.model.logons import LogonKind

EACH = 4
"""Of one kind and step."""
AFTER = timedelta(hours=1)
"""Logs are cleared at the end of the work, which may be after the session."""
_TEXT = 200
_HOSTS = ("\\wmiprvse.exe", "\\wsmprovhost.exe", "\\winrshost.exe", "\\psexesvc.exe")
"""Programs that run what is asked for over the network; what services.exe runs, its installation tells."""
_ITS_OWN = ("nt authority\\", "window manager\\", "font driver host\\")
"""Accounts under which a host runs things by itself."""
_CALLS = ("::createservice", "::schrpcregistertask", "::netrjobadd", "::execmethod")
"""Remote procedures that make a host run something (MS-SCMR, MS-TSCH, MS-WMI)."""


@dataclass(frozen=True, slots=True)
class Act:
    """What was done: `at` is on the clock of the flows, `runs` whether it made the host run something."""

    at: datetime
    kind: LogonKind
    host: str
    text: str
    source: Source
    runs: bool = True


def acts(step: Step, events: Ordered) -> tuple[Act, ...]:
    """In order of time, at most `EACH` of a kind."""
    found: dict[LogonKind, list[Act]] = {}
    for act in _acts(step, events):
        found.setdefault(act.kind, []).append(act)
    kept = [act for those in found.values() for act in those[:EACH]]
    return tuple(sorted(kept, key=lambda act: act.at))


def _acts(step: Step, events: Ordered) -> Iterator[Act]:
    sessions = step.sessions or ((step.begin, step.end),)
    end = min(max(end for _, end in sessions), step.begin + LONGEST)
    for one in events.between(step.begin - SLACK, end + AFTER):
        if not at_responder(one, step):
            continue
        if one.kind is LogonKind.LOG_CLEARED:
            by = f" by {one.account}" if one.account else ""
            yield _act(one, f"the log of {one.host} was cleared{by}", runs=False)
        elif not any(begin - SLACK <= one.at <= end + SLACK for begin, end in sessions):
            continue
        elif one.kind is LogonKind.SERVICE_INSTALLED:
            image = _value(one.detail, "ImagePath")
            runs = f", which runs {image}" if image else ""
            yield _act(
                one, f"service {one.target or 'without a name'} was installed on {one.host}{runs}"
            )
        elif one.kind is LogonKind.PROCESS and _remote(one):
            who = f" as {one.account}" if one.account else ""
            line = _value(one.detail, "CommandLine") or one.target or "a process"
            parent = _value(one.detail, "ParentImage").rpartition("\\")[2]
            yield _act(one, f"{parent} on {one.host} started{who}: {line}")
        elif one.kind is LogonKind.RPC and from_initiator(one, step):
            if (one.target or "").lower().endswith("response") or not _call(one):
                continue
            yield _act(one, f"{one.target} was called on {one.host} from {step.src}")


def _act(one: Seen, text: str, *, runs: bool = True) -> Act:
    short = text if len(text) <= _TEXT else f"{text[: _TEXT - 3]}..."
    return Act(one.at, one.kind, one.host, short, one.source, runs)


def _remote(one: Seen) -> bool:
    if (one.account or "").lower().startswith(_ITS_OWN):
        return False
    return _value(one.detail, "ParentImage").lower().endswith(_HOSTS)


def _call(one: Seen) -> bool:
    return any(call in (one.target or "").lower() for call in _CALLS)


def _value(detail: str | None, name: str) -> str:
    """One of the values that a detail holds as `Name=value; Name=value`."""
    told = f"; {detail or ''}"
    begin = told.find(f"; {name}=")
    if begin < 0:
        return ""
    rest = told[begin + len(name) + 3 :]
    ends = [place for after in ("ParentImage", "LogonId", "StartType", "ServiceType")
            if (place := rest.find(f"; {after}=")) >= 0]  # fmt: skip
    return rest[: min(ends)] if ends else rest
