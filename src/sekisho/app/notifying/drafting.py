"""Write what is to be sent, or take what people wrote, and keep every version."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from sekisho.app.containing.plans import listed as contained
from sekisho.app.decisions import open_decisions
from sekisho.app.incidents import asked_for
from sekisho.app.investigating.showing import Step, show
from sekisho.app.notifying.obligations import obligations
from sekisho.app.notifying.records import deliveries, sheet
from sekisho.app.notifying.versions import Version, document_name, keep, numbered, versions
from sekisho.app.wiring import read_inventory
from sekisho.app.workspace import Workspace
from sekisho.app.writing import whole
from sekisho.errors import RequestError
from sekisho.inventory.located import did_you_mean
from sekisho.notify.clocks import clocks
from sekisho.notify.drafts import draft
from sekisho.notify.obligation import Obligation, Stage
from sekisho.notify.papers import Draft
from sekisho.notify.reading import asked as one_of
from sekisho.notify.statements import MANAGEMENT, PUBLIC, management_brief, public_statement
from sekisho.reports.draft_docx import draft_docx
from sekisho.reports.html.draft import draft_page
from sekisho.reports.pdf import pdf
from sekisho.state.notices import NoticeStore

MAX_FILE = 32 << 20
Tell = Callable[[str], None]
_RENDERED: dict[str, Callable[[Draft, datetime, Tell | None], bytes]] = {
    ".html": lambda draft, _at, _tell: draft_page(draft).encode(),
    ".docx": lambda draft, at, _tell: draft_docx(draft, now=at),
    ".pdf": lambda draft, _at, tell: pdf(draft_page(draft), tell),
}
_ENDING = re.compile(r"\.[a-z0-9]{1,8}")


def write_draft(
    workspace: Workspace,
    asked: str,
    obligation: str,
    stage: str,
    target: Path,
    *,
    now: datetime,
    by: str,
    tell: Tell | None = None,
) -> int:
    """Write the draft of a stage to `target`, HTML, DOCX or PDF by its ending; gives its version, from 1.

    What says the same as the last version is that version, whatever its format. What is written is kept by
    its hash, and stands in the ledger before the file does. `tell` is given what somebody should know of the
    file, such as letters that no font has. Raises RequestError.
    """
    kind = _kind(target)
    one, of = stage_of(workspace, obligation, stage)

    def made(store: NoticeStore, incident: str) -> Draft:
        known, sent = sheet(store, incident), deliveries(store, incident)
        (clock,) = (c for c in clocks([one], known, sent, now) if c.stage == stage)
        return draft(incident, one, of, clock, known, now)

    return _written(workspace, asked, (obligation, stage), made, target, kind, now, by, tell)


def write_statement(
    workspace: Workspace,
    asked: str,
    document: str,
    target: Path,
    *,
    now: datetime,
    by: str,
    step: Step | None = None,
    tell: Tell | None = None,
) -> int:
    """Write the `public-statement` or the `management-brief`, from the facts and the incident as it is now.

    As `write_draft`. Raises RequestError, also where there is no lake.
    """
    kind = _kind(target)
    every = obligations(workspace)
    found = show(workspace, asked, now=now, by=by, step=step)
    sites = dict(read_inventory(workspace).sites)
    zone = workspace.settings(os.environ).settings.timezone
    plans = tuple(reversed(contained(workspace).plans))

    def made(store: NoticeStore, incident: str) -> Draft:
        known, sent = sheet(store, incident), deliveries(store, incident)
        of = [one for one in plans if one.incident == incident]
        if document == PUBLIC:
            return public_statement(found, known, sites, of, zone=zone, at=now)
        told = clocks(every, known, sent, now)
        return management_brief(found, known, sites, told, of, zone=zone, at=now)

    if document not in (PUBLIC, MANAGEMENT):
        raise RequestError(f"there is no document {document[:60]}", f"{PUBLIC} or {MANAGEMENT}")
    return _written(workspace, asked, ("", document), made, target, kind, now, by, tell)


def take(
    workspace: Workspace,
    asked: str,
    obligation: str,
    stage: str,
    file: Path,
    *,
    now: datetime,
    by: str,
) -> int:
    """Keep a file that people wrote, such as a draft that they went on with, as the next version.

    `obligation` is '' for a document of none. Gives the version; bytes that are the last version's are that
    one. Raises RequestError.
    """
    if obligation:
        stage_of(workspace, obligation, stage)
    kind = file.suffix.lower()
    if not _ENDING.fullmatch(kind):
        raise RequestError(f"{file.name} has no ending that says what it is", "name it notice.docx")
    content = read_file(file)
    digest = hashlib.sha256(content).hexdigest()
    with open_decisions(workspace) as decisions, decisions.exclusive():
        incident = asked_for(decisions.state.incidents(), asked).id
        document = document_name(obligation, stage)
        before = versions(decisions.state.notices(), incident).get(document, ())
        if before and digest in before[-1].files.values():
            return before[-1].number
        number = before[-1].number + 1 if before else 1
        version = Version(
            document, number, digest, "", now, by, by_people=True, files={kind[1:]: digest}
        )
        keep(decisions, incident, obligation, stage, version, content)
    return number


def stage_of(workspace: Workspace, obligation: str, stage: str) -> tuple[Obligation, Stage]:
    """A stage of an obligation that there is. Raises RequestError."""
    one = one_of(obligations(workspace), obligation)
    if stage not in one.stages:
        raise RequestError(f"{obligation} has no stage {stage[:60]}", did_you_mean(stage, one.stages))
    return one, one.stages[stage]


def read_file(path: Path) -> bytes:
    """A file that is to be kept. Raises RequestError."""
    try:
        with path.open("rb") as stream:
            content = stream.read(MAX_FILE + 1)
    except OSError as error:
        raise RequestError(
            f"{path} cannot be read: {error.strerror}", "name a file that is there"
        ) from error
    if len(content) > MAX_FILE:
        raise RequestError(f"{path} is larger than {MAX_FILE >> 20} MiB", "keep what matters alone")
    if not content:
        raise RequestError(f"{path} is empty", "name a file that says something")
    return content


def _kind(target: Path) -> str:
    kind = target.suffix.lower()
    if kind not in _RENDERED:
        raise RequestError(f"{target.name} is neither .html, .docx nor .pdf", "--out notice.pdf")
    return kind


def _written(
    workspace: Workspace,
    asked: str,
    of: tuple[str, str],
    made: Callable[[NoticeStore, str], Draft],
    target: Path,
    kind: str,
    now: datetime,
    by: str,
    tell: Tell | None,
) -> int:
    with open_decisions(workspace) as decisions, decisions.exclusive():
        incident = asked_for(decisions.state.incidents(), asked).id
        store = decisions.state.notices()
        document = document_name(*of)
        drafted = numbered(store, incident, document, made(store, incident))
        known = versions(store, incident).get(document, ())
        began = next((one.at for one in known if one.number == drafted.version), now)
        content = _RENDERED[kind](drafted, began, tell)
        version = Version(
            document,
            drafted.version,
            drafted.digest,
            drafted.at,
            now,
            by,
            by_people=False,
            files={kind[1:]: hashlib.sha256(content).hexdigest()},
        )
        keep(decisions, incident, *of, version, content)
    with whole(target) as part:
        part.write_bytes(content)
    return drafted.version
