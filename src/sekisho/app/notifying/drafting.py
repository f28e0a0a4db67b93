"""Write the draft of a stage, and keep every version that was written."""

from __future__ import annotations

import hashlib
from datetime import datetime
from pathlib import Path

from sekisho.app.decisions import open_decisions
from sekisho.app.incidents import asked_for
from sekisho.app.notifying.obligations import obligations
from sekisho.app.notifying.records import deliveries, sheet
from sekisho.app.workspace import Workspace
from sekisho.app.writing import whole
from sekisho.errors import RequestError
from sekisho.inventory.located import did_you_mean
from sekisho.model.findings import rfc3339
from sekisho.notify.clocks import clocks
from sekisho.notify.drafts import draft
from sekisho.notify.reading import asked as one_of
from sekisho.reports.draft_docx import draft_docx
from sekisho.reports.html.draft import draft_page


def write_draft(
    workspace: Workspace,
    asked: str,
    obligation: str,
    stage: str,
    target: Path,
    *,
    now: datetime,
    by: str,
) -> int:
    """Write the draft to `target`, HTML or DOCX by its ending; gives its version, counted from 1.

    What is written is kept by its hash, and stands in the ledger before the file does. Raises RequestError.
    """
    kind = target.suffix.lower()
    if kind not in (".html", ".docx"):
        raise RequestError(f"{target.name} is neither .html nor .docx", "--out notice.docx")
    one = one_of(obligations(workspace), obligation)
    if stage not in one.stages:
        raise RequestError(f"{obligation} has no stage {stage[:60]}", did_you_mean(stage, one.stages))
    with open_decisions(workspace) as decisions, decisions.exclusive():
        incident = asked_for(decisions.state.incidents(), asked).id
        store = decisions.state.notices()
        known, sent = sheet(store, incident), deliveries(store, incident)
        (clock,) = (c for c in clocks([one], known, sent, now) if c.stage == stage)
        made = draft(incident, one, one.stages[stage], clock, known, now)
        content = draft_page(made).encode() if kind == ".html" else draft_docx(made, now=now)
        before = [
            event
            for event in store.events(incident)
            if event.action == "draft"
            and (event.body["obligation"], event.body["stage"]) == (obligation, stage)
        ]
        body = {
            "incident": incident,
            "obligation": obligation,
            "stage": stage,
            "at": rfc3339(now),
            "sha256": hashlib.sha256(content).hexdigest(),
            "format": kind[1:],
            "version": len(before) + 1,
        }
        decisions.decide("notify.draft", body, at=now, by=by, contents=[content])
    with whole(target) as part:
        part.write_bytes(content)
    return len(before) + 1
