"""Record that something was delivered, with its proof, which is kept."""

from __future__ import annotations

import hashlib
from datetime import datetime
from pathlib import Path

from sekisho.app.decisions import open_decisions
from sekisho.app.incidents import asked_for
from sekisho.app.notifying.clocks import ask
from sekisho.app.notifying.obligations import obligations
from sekisho.app.workspace import Workspace
from sekisho.errors import RequestError
from sekisho.inventory.located import did_you_mean
from sekisho.model.findings import rfc3339
from sekisho.model.notices import ClocksDocument
from sekisho.notify.reading import asked as one_of

MAX_PROOF = 32 << 20


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
) -> ClocksDocument:
    """Record that a stage was delivered at `at` (aware UTC), and keep the file that proves it.

    Gives the obligation's clocks afterwards. Raises RequestError.
    """
    if at > now:
        raise RequestError(f"{rfc3339(at)} lies ahead", "record a delivery when it was made")
    one = one_of(obligations(workspace), obligation)
    if stage not in one.stages:
        raise RequestError(f"{obligation} has no stage {stage[:60]}", did_you_mean(stage, one.stages))
    content = _read(proof)
    with open_decisions(workspace) as decisions, decisions.exclusive():
        incident = asked_for(decisions.state.incidents(), asked).id
        body = {
            "incident": incident,
            "obligation": obligation,
            "stage": stage,
            "at": rfc3339(at),
            "proof": hashlib.sha256(content).hexdigest(),
            "name": proof.name[:200],
            "size": len(content),
            "version": one.shape.version,
        }
        events = decisions.state.notices().events(incident)
        if not any(
            event.action == "delivery" and all(event.body.get(key) == body[key] for key in body)
            for event in events
        ):
            decisions.decide("notify.delivery", body, at=now, by=by, contents=[content])
    return ask(workspace, incident, now=now, only=[obligation])


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as stream:
            content = stream.read(MAX_PROOF + 1)
    except OSError as error:
        raise RequestError(
            f"{path} cannot be read: {error.strerror}", "name the file of the proof"
        ) from error
    if len(content) > MAX_PROOF:
        raise RequestError(f"{path} is larger than {MAX_PROOF >> 20} MiB", "keep the receipt alone")
    if not content:
        raise RequestError(f"{path} is empty", "a proof says something")
    return content
