"""Legal review: take a signature over a version of a draft, and say whether a delivery had one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sekisho.app.containing.approving import people
from sekisho.app.decisions import open_decisions
from sekisho.app.incidents import asked_for
from sekisho.app.notifying.versions import Version, asked_version, listed, reviews, versions
from sekisho.app.workspace import Workspace
from sekisho.contain.approvals import Person, whose
from sekisho.errors import Refused, RequestError
from sekisho.model.notices import DraftDocument
from sekisho.notify.reviews import LEGAL, Review, holding, message
from sekisho.state.notices import NoticeStore


@dataclass(frozen=True, slots=True)
class Reviewed:
    """Which version went out and who approved it; `lacks` says what was missing where nobody had."""

    version: Version | None
    review: Review | None
    lacks: str | None


def to_sign(workspace: Workspace, asked: str, draft: str) -> bytes:
    """The text whose signature approves a version. Raises RequestError; Refused for one that was replaced."""
    with open_decisions(workspace) as decisions:
        incident = asked_for(decisions.state.incidents(), asked).id
        one = _newest(decisions.state.notices(), incident, draft)
    return message(incident, one.document, one.number, one.digest)


def approve(
    workspace: Workspace, asked: str, draft: str, signature: str, *, now: datetime, by: str
) -> DraftDocument:
    """Take a signature over the newest version. Raises RequestError for one that does not hold, Refused for
    somebody who does not review, or for a version that was replaced."""
    known = people(workspace)
    with open_decisions(workspace) as decisions, decisions.exclusive():
        incident = asked_for(decisions.state.incidents(), asked).id
        store = decisions.state.notices()
        one = _newest(store, incident, draft)
        text = message(incident, one.document, one.number, one.digest)
        person, key = whose(signature, text, known, LEGAL)
        held = holding(reviews(store, incident), one.document, one.number, one.digest, known)
        if any(given.person == person.name for given in held):
            raise RequestError(f"{person.name} approved it already")
        body = {
            "incident": incident,
            "document": one.document,
            "version": one.number,
            "digest": one.digest,
            "person": person.name,
            "key": key.fingerprint,
            "signature": signature,
        }
        decisions.decide("notify.approval", body, at=now, by=by)
    return next(
        shown
        for shown in listed(workspace, incident).drafts
        if (shown.document, shown.version) == (one.document, one.number)
    )


def reviewed(
    store: NoticeStore,
    incident: str,
    document: str,
    proof: str,
    at: datetime,
    known: Mapping[str, Person],
) -> Reviewed:
    """Whether what was delivered at `at` (aware UTC) had been approved by then.

    It is the version of which `proof` (SHA-256) is a file, else the last that there was at that time.
    """
    every = versions(store, incident).get(document, ())
    named = [one for one in every if proof in one.files.values()]
    there = [one for one in every if one.at <= at]
    if not every:
        return Reviewed(None, None, "nothing was drafted here, so nothing was reviewed")
    one = (named or there or every)[-1]
    held = holding(reviews(store, incident), one.document, one.number, one.digest, known)
    before = [given for given in held if given.at <= at]
    if before:
        return Reviewed(one, before[0], None)
    if held:
        return Reviewed(one, None, f"version {one.number} was approved only after it was delivered")
    return Reviewed(one, None, f"version {one.number} was approved by nobody with the role {LEGAL}")


def _newest(store: NoticeStore, incident: str, draft: str) -> Version:
    one = asked_version(store, incident, draft)
    last = asked_version(store, incident, one.document)
    if last.number != one.number:
        raise Refused(
            f"{one.document} version {one.number} was replaced by version {last.number}",
            f"approve {one.document}@{last.number}",
        )
    return one
