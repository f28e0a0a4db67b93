"""Sites that forward what they receive, and the centre that takes it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from sekisho.app.collecting.status import ListenerState
from sekisho.app.collecting.telling import listeners
from sekisho.app.settings.collect import CollectSettings
from sekisho.app.workspace import Workspace
from sekisho.errors import RequestError
from sekisho.sources.forwarding import certificates, received, told
from sekisho.sources.forwarding.certificates import Issued
from sekisho.sources.forwarding.spool import Backlog, Spool
from sekisho.sources.forwarding.told import CollectorState
from sekisho.sources.forwarding.wire import DroppedSpan
from sekisho.sources.journal.segments import sealed
from sekisho.sources.listeners.status import read_status


def forward(
    workspace: Workspace,
    settings: CollectSettings,
    *,
    stop: threading.Event,
    listening: Callable[[Sequence[str]], None] = lambda _names: None,
) -> None:
    """A site: receive, keep, and forward until `stop` is set. `listening` is told where it receives.

    Raises RequestError where the centre, a certificate or a sensor with an address is missing, an address
    cannot be listened on, or another one runs here; FileProblems.
    """
    from sekisho.app.collecting.site import Site

    Site(workspace, settings).run(stop, lambda one: listening([bound.name for bound in one.bound]))


def receive(
    workspace: Workspace,
    settings: CollectSettings,
    *,
    stop: threading.Event,
    listening: Callable[[int], None] = lambda _port: None,
) -> None:
    """The centre: take what sites forward and commit it, until `stop` is set.

    Raises RequestError where a certificate is missing, the place cannot be listened on, or another one
    runs here; FileProblems.
    """
    from sekisho.app.collecting.centre import Centre

    Centre(workspace, settings).run(stop, listening)


def backlog(workspace: Workspace) -> Backlog:
    """What a site holds. Raises RequestError where nothing was ever spooled here."""
    if not workspace.spool.is_dir():
        raise RequestError("nothing has been spooled here yet", "start `sekisho collect --spool`")
    return Spool(workspace.spool).backlog()


def listening(workspace: Workspace) -> tuple[ListenerState, ...]:
    """How the site's listeners stand, or stood. Raises RequestError where their file is none of ours."""
    try:
        return listeners(read_status(workspace.spool))
    except (OSError, ValueError) as error:
        raise RequestError(f"the receiver's status cannot be read: {error}") from error


def collectors(workspace: Workspace) -> tuple[CollectorState, ...]:
    """Every collector that the centre has ever heard, with what it said last."""
    return told.states(workspace.received)


def waiting_here(workspace: Workspace) -> dict[str, int]:
    """Segments of each collector that were received and are not committed yet."""
    found: dict[str, int] = {}
    for lane in received.LANES:
        for folder in workspace.received.glob(f"*/{lane}"):
            found[folder.parent.name] = found.get(folder.parent.name, 0) + len(sealed(folder))
    return found


def losses(workspace: Workspace) -> dict[str, tuple[DroppedSpan, ...]]:
    """What each collector had to drop before the centre had it."""
    return told.losses(workspace.received)


def certificate(
    folder: Path, name: str, hosts: Sequence[str], *, now: datetime, lasts: timedelta
) -> tuple[Issued, bool]:
    """A certificate for a site or the centre; whether the authority was made for it. Raises RequestError."""
    fresh = certificates.authority(folder, now=now)
    return certificates.issue(folder, name, hosts, now=now, lasts=lasts), fresh
