"""Whether the service for osquery is well, where one ever ran."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import datetime, timedelta

from sekisho.app.doctor_live import BEHIND, Found
from sekisho.app.workspace import Workspace
from sekisho.reports.units import counted, lasting
from sekisho.state.state import State


def service(workspace: Workspace, now: datetime) -> Iterator[Found]:
    """Who is heard, what waits to be judged, whether anybody new can enrol. Raises SekishoError."""
    if not workspace.fleet.is_dir():
        return
    settings = workspace.settings(os.environ).settings.fleet.service
    with State.open(workspace.state_url(os.environ)) as state:
        store = state.nodes()
        counts = store.counts(now - timedelta(minutes=settings.offline_minutes))
        secrets = store.secrets()
    if not secrets and not counts.nodes:
        return
    found: list[tuple[str, str]] = []
    if counts.oldest is not None and now - counts.oldest > BEHIND:
        waits = counted(counts.waiting, "delivery", "deliveries")
        text = f"{waits} not judged, the oldest for {lasting(now - counts.oldest)}"
        found.append((text, "start `sekisho fleet serve`; nothing that came is lost"))
    if counts.nodes and not counts.fresh:
        text = f"none of {counted(counts.nodes, 'node')} was heard for {settings.offline_minutes:g} minutes"
        found.append((text, "start `sekisho fleet serve`; look at its address and its certificate"))
    if not any(one.retired is None for one in secrets):
        found.append(("no enrolment secret is valid", "`sekisho fleet secret new`"))
    if not (workspace.fleet / "pepper").is_file():
        text = "the key of its hashes is gone: no key and no secret is known any more"
        found.append((text, "restore data/fleet/pepper from a backup, or make new secrets"))
    for text, mend in found:
        yield "fleet", "warn", text, mend
    if not found:
        yield "fleet", "ok", f"{counts.fresh:,} of {counted(counts.nodes, 'node')} heard lately", ""
