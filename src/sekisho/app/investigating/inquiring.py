"""Ask every site, and note what each answered: the steps of an inquiry, each in the ledger first.

Sekisho records who was asked and by when an answer is due; how the question travels is up to people.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sekisho.app.decisions import Decisions, open_decisions
from sekisho.app.incidents import asked_for
from sekisho.app.investigating.preserving import keep
from sekisho.app.investigating.working import MAX_NAME, MAX_TEXT
from sekisho.app.wiring import read_inventory
from sekisho.app.workspace import Workspace
from sekisho.errors import RequestError
from sekisho.investigate.inquiries import inquiry
from sekisho.model.findings import rfc3339
from sekisho.model.incident_state import InquiryDocument
from sekisho.model.sites import Site
from sekisho.state.incident_records import OpenedIncident, Result

LARGEST_ANSWER = 256 << 20
"""Bytes of a file that comes with an answer."""


@dataclass(frozen=True, slots=True)
class Said:
    """What a site answered: text, a file, or both, and what that is taken for."""

    site: str
    result: Result
    text: str = ""
    file: Path | None = None
    contact: str = ""


def status(workspace: Workspace, asked: str, *, now: datetime) -> InquiryDocument:
    """Every site and its state at `now`. Raises RequestError."""
    sites = read_inventory(workspace).sites
    with open_decisions(workspace) as decisions:
        return _current(decisions, asked_for(decisions.state.incidents(), asked), sites, now)


def start(
    workspace: Workspace, asked: str, *, question: str, due: datetime, now: datetime, by: str
) -> InquiryDocument:
    """Begin an inquiry: the question, and by when an answer is due unless an asking says otherwise.

    Starting again changes both for those asked from then on.
    """
    question = question.strip()
    if not question or len(question) > MAX_TEXT:
        raise RequestError(f"a question has from 1 to {MAX_TEXT} characters", "--question 'Did ...?'")
    _ahead(due, now)
    body = {"text": question, "due": rfc3339(due)}
    return _record(workspace, asked, "start", body, now=now, by=by)


def ask(
    workspace: Workspace,
    asked: str,
    *,
    sites: Sequence[str] = (),
    contact: str = "",
    due: datetime | None = None,
    now: datetime,
    by: str,
) -> InquiryDocument:
    """Note that sites were asked; without `sites`, all that were not asked yet. The contact is a site's
    owner unless one is given. Raises RequestError."""
    known = read_inventory(workspace).sites
    with open_decisions(workspace) as decisions, decisions.exclusive():
        opened = asked_for(decisions.state.incidents(), asked)
        before = _current(decisions, opened, known, now)
        if before.question is None or before.due is None:
            raise RequestError(
                f"{opened.id} has no inquiry", "begin one: `inquiry INCIDENT start --question ...`"
            )
        due = due or before.due
        _ahead(due, now)
        chosen = list(dict.fromkeys(sites)) or [
            row.site for row in before.sites if row.state == "not_asked"
        ]
        if not chosen:
            raise RequestError("every site was asked", "--site NAME asks one again")
        if contact and len(chosen) > 1:
            raise RequestError("a contact is that of one site", "--site NAME --contact PERSON")
        rows = [
            {
                "site": name,
                "contact": contact.strip()[:MAX_NAME] or _owner(known, name),
                "due": rfc3339(due),
            }
            for name in chosen
        ]
        _registered(known, chosen)
        decisions.decide("inquiry.ask", {"incident": opened.id, "sites": rows}, at=now, by=by)
        return _current(decisions, opened, known, now)


def answer(workspace: Workspace, asked: str, said: Said, *, now: datetime, by: str) -> InquiryDocument:
    """Note what a site answered; a file is copied into the incident under its SHA-256 before it counts.

    Raises RequestError where neither text nor file is given, or the site is unknown.
    """
    text = said.text.strip()
    if not text and said.file is None:
        raise RequestError("an answer is evidence: it has a text or a file", "--text or --file")
    if len(text) > MAX_TEXT or len(said.contact) > MAX_NAME:
        raise RequestError(f"at most {MAX_TEXT} characters of text, {MAX_NAME} of a name")
    known = read_inventory(workspace).sites
    with open_decisions(workspace) as decisions:
        opened = asked_for(decisions.state.incidents(), asked)
        before = _current(decisions, opened, known, now)
        if said.site not in {row.site for row in before.sites}:
            _registered(known, [said.site])
    body: dict[str, Any] = {"site": said.site, "result": said.result, "text": text}
    if said.contact.strip():
        body["contact"] = said.contact.strip()
    if said.file is not None:
        digest, size = keep(said.file, workspace.cases / opened.id / "answers", LARGEST_ANSWER)
        name = said.file.name[:MAX_NAME].encode("utf-8", "backslashreplace").decode()
        body |= {"sha256": digest, "size": size, "name": name}
    return _record(workspace, opened.id, "answer", body, now=now, by=by)


def _record(
    workspace: Workspace, asked: str, action: str, body: Mapping[str, Any], *, now: datetime, by: str
) -> InquiryDocument:
    sites = read_inventory(workspace).sites
    with open_decisions(workspace) as decisions, decisions.exclusive():
        opened = asked_for(decisions.state.incidents(), asked)
        decisions.decide(f"inquiry.{action}", {"incident": opened.id, **body}, at=now, by=by)
        return _current(decisions, opened, sites, now)


def _current(
    decisions: Decisions, opened: OpenedIncident, sites: Mapping[str, Site], now: datetime
) -> InquiryDocument:
    events = decisions.state.incidents().inquiry(opened.id)
    return inquiry(opened.id, sites, events, now)


def _owner(sites: Mapping[str, Site], name: str) -> str:
    return sites[name].owner if name in sites else ""


def _registered(sites: Mapping[str, Site], names: Sequence[str]) -> None:
    for name in names:
        if name not in sites:
            some = ", ".join(sorted(sites)[:20]) or "none"
            raise RequestError(f"no site is called {name!r}", f"sites: {some}")


def _ahead(due: datetime, now: datetime) -> None:
    if due <= now:
        raise RequestError(f"{rfc3339(due)[:16]}Z is past", "an answer is due in the future: --due 72h")
