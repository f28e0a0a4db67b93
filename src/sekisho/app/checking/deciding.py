"""What people decide about terminals: an entry of the ledger each."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from sekisho.app.checking.campaigning import Asking, begin
from sekisho.app.checking.standing import find, shown
from sekisho.app.decisions import open_decisions
from sekisho.app.terminals import resolved
from sekisho.app.wiring import read_inventory
from sekisho.app.workspace import Workspace
from sekisho.errors import RequestError
from sekisho.fleet.resolve import ID_LENGTH
from sekisho.model.findings import rfc3339
from sekisho.model.fleet import TerminalDocument
from sekisho.model.terminals import FleetAction

MAX_WHY = 4000
MAX_EVIDENCE = 256 << 20


def decide(
    workspace: Workspace,
    asked: str,
    action: FleetAction,
    *,
    now: datetime,
    by: str,
    why: str,
    until: datetime | None = None,
    evidence: Path | None = None,
    other: str | None = None,
) -> TerminalDocument:
    """Record a decision about a terminal, and say how it stands now.

    `until` ends an exclusion; `evidence` is the file that shows a manual check, kept whole; `other` is the
    terminal that is merged into this one. Raises RequestError.
    """
    if not why.strip() or len(why) > MAX_WHY:
        raise RequestError(
            "a decision about a terminal says why", "--why 'in words an auditor can use'"
        )
    if until is not None and until <= now:
        raise RequestError("an exclusion ends in the future", "--until DAY, or 90d")
    content = _evidence(evidence) if evidence is not None else None
    if action == "checked" and content is None:
        raise RequestError(
            "a check by hand is shown by evidence", "--evidence FILE: a photograph, a log, a protocol"
        )
    with open_decisions(workspace) as decisions, decisions.exclusive():
        known = resolved(decisions, read_inventory(workspace), now)
        terminal = find(known, asked)
        body = {"terminal": terminal.id, "hostname": terminal.hostname, "why": why.strip()}
        if until is not None:
            body["until"] = rfc3339(until)
        if content is not None and evidence is not None:
            body |= {"evidence": hashlib.sha256(content).hexdigest(), "file": evidence.name}
        if other is not None:
            second = find(known, other)
            if second.id == terminal.id:
                raise RequestError(f"{other} and {asked} are one terminal already")
            body["other"] = second.id
        decisions.decide(
            f"fleet.{action}", body, at=now, by=by, contents=[] if content is None else [content]
        )
    return shown(workspace, f"T-{terminal.id[:ID_LENGTH]}", now=now)


def campaign(
    workspace: Workspace, name: str, checks: Sequence[str] = (), *, now: datetime, by: str, why: str
) -> None:
    """Begin a campaign of some checks, or all, with everybody. See `campaigning.begin`. Raises RequestError."""
    begin(workspace, name, checks, Asking(), now=now, by=by, why=why)


def _evidence(path: Path) -> bytes:
    try:
        with path.open("rb") as stream:
            content = stream.read(MAX_EVIDENCE + 1)
    except OSError as error:
        raise RequestError(f"cannot read {path}: {error.strerror}") from error
    if not content or len(content) > MAX_EVIDENCE:
        raise RequestError(f"{path} is empty, or larger than {MAX_EVIDENCE >> 20} MiB")
    return content
