"""What runs beside a person: collectors, forwarding, the watch, and the certificates they use."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal

from sekisho.app.collect import collect_status
from sekisho.app.forwarding import backlog, collectors
from sekisho.app.wiring import open_lake
from sekisho.app.workspace import Workspace
from sekisho.reports.units import counted, lasting
from sekisho.sources.forwarding.certificates import ends
from sekisho.sources.journal.segments import DAMAGED, sealed
from sekisho.sources.times import datetime_of
from sekisho.state.state import State

Found = tuple[str, Literal["ok", "warn", "fail"], str, str]
"""Name, state, what was found, and what to do where it is not well."""
STALE = timedelta(minutes=2)
"""A collector says how it stands every second."""
BEHIND = timedelta(minutes=5)
"""What waits for longer is not just the last commit's."""
CUT = timedelta(hours=1)
"""A line that is cut for less is an ordinary day's."""
EXPIRING = timedelta(days=30)


def collector(workspace: Workspace, now: datetime) -> Iterator[Found]:
    """The collector of this workspace, where there ever was one. Raises RequestError, OSError."""
    status = collect_status(workspace)
    if status is None:
        return
    waiting = sealed(workspace.journal)
    said = datetime_of(status.at)
    problems = [f"trouble: {what}" for what in status.trouble]
    if status.state == "stopped" and waiting:
        problems.append(f"stopped, and {counted(len(waiting), 'sealed segment')} not committed")
    elif status.state != "stopped" and said < now - STALE:
        problems.append(f"it has said nothing since {said:%Y-%m-%d %H:%M} UTC")
    if waiting and (old := now - datetime_of(waiting[0].begun_at)) > BEHIND:
        problems.append(f"the oldest segment has waited for {lasting(old)}")
    if status.dropped:
        problems.append(f"{status.dropped:,} dropped by a full queue or disk")
    if damaged := len(list(workspace.journal.glob(f"*{DAMAGED}"))):
        problems.append(f"{counted(damaged, 'segment')} set aside as damaged")
    mend = "`sekisho collect --status` shows it; start `sekisho collect` where it has ended"
    for problem in problems:
        yield "collector", "warn", problem, mend
    if not problems:
        yield "collector", "ok", f"{status.state}; nothing waits, nothing dropped", ""


def forwarding(workspace: Workspace, now: datetime) -> Iterator[Found]:
    """A site's backlog, and a centre's sites. Raises OSError, FileProblems."""
    settings = workspace.settings(os.environ).settings.collect
    if settings.forward.url is not None and workspace.spool.is_dir():
        held = backlog(workspace)
        problems = []
        if held.oldest is not None and now - held.oldest > CUT:
            problems.append(
                f"{counted(held.pending, 'segment')} not forwarded, the oldest for "
                f"{lasting(now - held.oldest)}"
            )
        if held.refused:
            problems.append(f"the centre refused {counted(held.refused, 'segment')}")
        if held.dropped:
            lost = sum(span.segments for span in held.dropped)
            problems.append(f"{counted(lost, 'segment')} let go unforwarded")
        for problem in problems:
            yield "forwarding", "warn", problem, "`sekisho collect --spool --status`; look at the line"
        if not problems:
            yield "forwarding", "ok", f"{counted(held.pending, 'segment')} on the way", ""
    known = settings.centre.collectors
    if not known:
        return
    heard = {one.name: one.heard for one in collectors(workspace)} if _received(workspace) else {}
    silent = [name for name in known if name not in heard or now - heard[name] > CUT]
    if silent:
        text = f"not heard for over {lasting(CUT)}: {', '.join(sorted(silent))}"
        yield "sites", "warn", text, "`sekisho collector list`; look at the site's line and collector"
    else:
        yield "sites", "ok", f"all {len(known)} were heard lately", ""


def _received(workspace: Workspace) -> bool:
    return (workspace.received / "received.db").is_file()


def certificates(workspace: Workspace, now: datetime) -> Iterator[Found]:
    """Every certificate that the settings name. Raises FileProblems."""
    settings = workspace.settings(os.environ).settings
    collect, service = settings.collect, settings.fleet.service
    named = (
        collect.tls_certificate,
        collect.tls_clients,
        collect.forward.certificate,
        collect.forward.ca,
        collect.centre.certificate,
        collect.centre.ca,
        service.certificate,
        service.clients,
    )
    mend = "`sekisho collector certificate` makes one; it is taken by what uses it when that is started"
    soonest: datetime | None = None
    for name in dict.fromkeys(filter(None, named)):
        path = workspace.root / name
        try:
            end = _end(path)
        except (OSError, ValueError) as error:
            yield "certificates", "fail", f"{name} cannot be read: {error}", mend
            continue
        soonest = min(soonest or end, end)
        if end <= now:
            yield "certificates", "fail", f"{name} expired on {end:%Y-%m-%d}", mend
        elif end - now < EXPIRING:
            yield "certificates", "warn", f"{name} expires on {end:%Y-%m-%d}", mend
    if soonest is not None and soonest - now >= EXPIRING:
        yield "certificates", "ok", f"the first to expire does on {soonest:%Y-%m-%d}", ""


def _end(path: Path) -> datetime:
    found = ends(path.read_bytes())
    if not found:
        raise ValueError("no certificate is in it")
    return min(found)


def watch(workspace: Workspace, now: datetime) -> Iterator[Found]:
    """Whether the watch has judged what the lake holds, where one ever ran here; what sinks refused."""
    where = workspace.state_url(os.environ)
    if not workspace.lake.is_dir() or (where == workspace.state and not workspace.state.is_file()):
        return
    with State.open(where) as state:
        alerts = state.alerts()
        cursor, unsent = alerts.cursor(), alerts.unsent()
    if cursor is None:
        return
    behind, oldest = 0, now
    with open_lake(workspace, create=False) as lake:
        # The first file that waits is enough.
        arrived = lake.arrivals(cursor, most=1)
        if arrived is not None:
            with arrived:
                behind, oldest = arrived.taken.behind + 1, arrived.taken.at
    failed = sum(number for (_, refused), number in unsent.items() if refused)
    waiting = sum(number for (_, refused), number in unsent.items() if not refused)
    problems = []
    if now - oldest > BEHIND:
        problems.append(f"{counted(behind, 'file')} not judged, the oldest for {lasting(now - oldest)}")
    if failed:
        problems.append(f"sinks refused {counted(failed, 'message')} for good")
    for problem in problems:
        yield "watch", "warn", problem, "start `sekisho watch`; `sekisho sink test NAME` tries a sink"
    if not problems:
        yield "watch", "ok", f"all is judged; {counted(waiting, 'message')} on the way to sinks", ""
