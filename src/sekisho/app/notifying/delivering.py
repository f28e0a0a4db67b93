"""Record that something was delivered, with its proof, which is kept, and whether lawyers had approved it."""

from __future__ import annotations

import hashlib
import os
from datetime import datetime
from pathlib import Path
from typing import Any

from sekisho.app.containing.approving import people
from sekisho.app.decisions import open_decisions
from sekisho.app.incidents import asked_for
from sekisho.app.notifying.approving import Reviewed, reviewed
from sekisho.app.notifying.clocks import ask
from sekisho.app.notifying.drafting import read_file, stage_of
from sekisho.app.notifying.versions import document_name
from sekisho.app.workspace import Workspace
from sekisho.errors import Refused, RequestError
from sekisho.model.findings import rfc3339
from sekisho.model.notices import ClocksDocument
from sekisho.notify.statements import MANAGEMENT, PUBLIC
from sekisho.notify.vocabulary import in_words


def deliver(
    workspace: Workspace,
    asked: str,
    obligation: str,
    stage: str,
    *,
    at: datetime,
    proof: Path,
    now: datetime,
    by: str,
    without_review: str = "",
) -> ClocksDocument:
    """Record that a stage, or a document of no obligation (''), was delivered at `at` (aware UTC), and keep
    the file that proves it.

    Gives the obligation's clocks afterwards. Raises RequestError; Refused where the workspace wants a review
    that there was not, unless `without_review` says why that could not be waited for.
    """
    if at > now:
        raise RequestError(f"{in_words(at)} lies ahead", "record a delivery when it was made")
    wants, written = _wants(workspace, obligation, stage)
    content = read_file(proof)
    digest = hashlib.sha256(content).hexdigest()
    known = people(workspace)
    with open_decisions(workspace) as decisions, decisions.exclusive():
        incident = asked_for(decisions.state.incidents(), asked).id
        store = decisions.state.notices()
        body: dict[str, Any] = {
            "incident": incident,
            "obligation": obligation,
            "stage": stage,
            "at": rfc3339(at),
            "proof": digest,
            "name": proof.name[:200],
            "size": len(content),
            "version": written,
        }
        if not any(
            event.action == "delivery" and all(event.body.get(key) == body[key] for key in body)
            for event in store.events(incident)
        ):
            if wants:
                document = document_name(obligation, stage)
                review = reviewed(store, incident, document, digest, at, known)
                body |= _judged(workspace, incident, document, review, without_review.strip())
            decisions.decide("notify.delivery", body, at=now, by=by, contents=[content])
    return ask(workspace, incident, now=now, only=[obligation] if obligation else [])


def _wants(workspace: Workspace, obligation: str, stage: str) -> tuple[bool, int]:
    """Whether it is something that lawyers review, and the version of the obligation's file."""
    if not obligation:
        if stage not in (PUBLIC, MANAGEMENT):
            raise RequestError(f"there is no document {stage[:60]}", f"{PUBLIC} or {MANAGEMENT}")
        return stage == PUBLIC, 0
    one, of = stage_of(workspace, obligation, stage)
    return of.shape.kind != "assessment", one.shape.version


def _judged(
    workspace: Workspace, incident: str, document: str, review: Reviewed, why: str
) -> dict[str, Any]:
    if review.lacks and not why and workspace.settings(os.environ).settings.notify.review:
        raise Refused(
            f"{document} is not approved: {review.lacks}",
            f"sekisho notify approve {incident} {document}, or --without-review WHY where it is out already",
        )
    found: dict[str, Any] = {"draft": review.version.number if review.version else None}
    if review.review is not None:
        found["reviewed_by"] = review.review.person
    if review.lacks:
        found["unreviewed"] = f"{review.lacks}{f': {why}' if why else ''}"
    return found
