"""Approve a plan: take a signature over its hash, and write it into the ledger."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from sekisho.app.containing.grounds import plan_asked_for
from sekisho.app.containing.plans import current
from sekisho.app.decisions import open_decisions
from sekisho.app.settings.contain import people_of
from sekisho.app.workspace import Workspace
from sekisho.contain.approvals import Approval, Deed, Person, holding, message, missing, signed_by
from sekisho.contain.signatures import MAX_SIGNATURE, NAMESPACE
from sekisho.errors import Refused, RequestError
from sekisho.model.plans import PlanDocument
from sekisho.model.restrictions import IN_FORCE, PlanState
from sekisho.state.plans import PlanStore

_BEFORE: Mapping[Deed, frozenset[PlanState]] = {
    "apply": frozenset({"previewed", "approved", "failed"}),
    "lift": IN_FORCE,
    "exempt": frozenset(),
}


def people(workspace: Workspace) -> dict[str, Person]:
    """Who works in the workspace."""
    return people_of(workspace.settings(os.environ).settings.people)


def to_sign(workspace: Workspace, asked: str, deed: Deed) -> bytes:
    """The text whose signature approves the plan as it stands. Raises RequestError, Refused."""
    with open_decisions(workspace) as decisions:
        document = current(decisions.state.plans(), asked)
    _approvable(document, deed)
    return message(document.id, deed, document.hash)


def sign(key: Path, text: bytes) -> str:
    """The signature of a text by a key, made by ssh-keygen, which asks for its passphrase or its agent.

    Raises RequestError where it makes none.
    """
    command = ["ssh-keygen", "-Y", "sign", "-n", NAMESPACE, "-f", str(key)]
    try:
        done = subprocess.run(command, input=text, stdout=subprocess.PIPE, check=False)
    except OSError as error:
        raise RequestError(f"cannot run ssh-keygen: {error.strerror}") from error
    if done.returncode:
        raise RequestError(f"ssh-keygen did not sign with {key}", "name your key or its .pub file")
    return done.stdout.decode("ascii", "replace")


def read_signature(path: Path) -> str:
    """A signature that was made elsewhere; `-` is standard input. Raises RequestError."""
    if str(path) == "-":
        return sys.stdin.read(MAX_SIGNATURE + 1)
    try:
        with path.open("rb") as stream:
            return stream.read(MAX_SIGNATURE + 1).decode("ascii", "replace")
    except OSError as error:
        raise RequestError(f"{path} cannot be read: {error.strerror}") from error


def approve(
    workspace: Workspace, asked: str, deed: Deed, signature: str, *, now: datetime, by: str
) -> PlanDocument:
    """Take a signature. Raises RequestError for one that does not hold, Refused for somebody who may not."""
    known = people(workspace)
    needed = workspace.settings(os.environ).settings.contain.approvals
    with open_decisions(workspace) as decisions, decisions.exclusive():
        store = decisions.state.plans()
        document = current(store, asked)
        _approvable(document, deed)
        person, key = signed_by(signature, document.id, deed, document.hash, known)
        held = holding(approvals_of(store, document.id), deed, document.hash, known)
        if any(one.person == person.name for one in held):
            raise RequestError(f"{person.name} approved it already")
        given = Approval(person.name, deed, document.hash, key.fingerprint, now)
        enough = missing((*held, given), needed) is None
        body = {
            "plan": document.id,
            "state": "approved" if enough and deed == "apply" else document.state,
            "for": deed,
            "hash": document.hash,
            "person": person.name,
            "key": key.fingerprint,
            "signature": signature,
            "text": f"to {deed}, by {person.name}",
        }
        decisions.decide("plan.approve", body, at=now, by=by)
        return current(store, document.id)


def approvals_of(store: PlanStore, plan: str) -> tuple[Approval, ...]:
    """Every approval that was ever taken of a plan."""
    return tuple(
        Approval(e.body["person"], e.body["for"], e.body["hash"], e.body["key"], e.at)
        for e in store.events(plan)
        if e.action == "approve"
    )


def check_approved(workspace: Workspace, store: PlanStore, asked: str, deed: Deed) -> None:
    """Raise Refused unless enough people approved the plan as it stands."""
    plan = plan_asked_for(store, asked)
    document = current(store, plan.id)
    held = holding(approvals_of(store, plan.id), deed, document.hash, people(workspace))
    lacks = missing(held, workspace.settings(os.environ).settings.contain.approvals)
    if lacks:
        raise Refused(
            f"{plan.id} is not approved to {deed}: {lacks}", f"sekisho contain approve {plan.id}"
        )


def _approvable(document: PlanDocument, deed: Deed) -> None:
    if document.state not in _BEFORE[deed]:
        mend = f"sekisho contain preview {document.id}" if deed == "apply" else ""
        raise Refused(
            f"{document.id} is {document.state}: there is nothing to {deed} that was seen", mend
        )
