"""Write a runbook for each gateway of a plan: a page, the text to load, and the text of the way back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from sekisho.app.containing.approving import check_approved
from sekisho.app.containing.grounds import ground, plan_asked_for, restriction_of
from sekisho.app.containing.planning import refuse
from sekisho.app.containing.plans import current
from sekisho.app.containing.rendering import write_texts
from sekisho.app.decisions import open_decisions
from sekisho.app.workspace import Workspace
from sekisho.contain.backends.base import CannotExpress
from sekisho.contain.proposal import Told, propose, tell
from sekisho.errors import Refused
from sekisho.model.plans import PlanDocument, PlanGateway
from sekisho.reports.runbook import Runbook, runbook

_ASKED = ("previewed", "approved", "partial", "failed")
"""States in which a plan was seen, and may be told to a gateway yet."""


def write_runbooks(
    workspace: Workspace, asked: str, out: Path, *, now: datetime, by: str, approved: bool = False
) -> tuple[Path, ...]:
    """A folder for each gateway, named after it; the pages' paths. `approved`: only of a plan that may be
    applied.

    Raises Refused for a plan that would do something else than what was seen; CannotExpress, and writes
    nothing, where a platform has no words for it.
    """
    with open_decisions(workspace) as decisions:
        store = decisions.state.plans()
        plan = plan_asked_for(store, asked)
        document = current(store, plan.id)
        on = ground(workspace, decisions, now=now, by=by, without=plan.id)
        if approved and document.state not in _ASKED:
            raise Refused(f"{plan.id} is {document.state}: it cannot be applied")
        if approved:
            check_approved(workspace, store, plan.id, "apply")
    proposal = propose(plan.id, restriction_of(plan.body["restriction"]), on)
    refuse(proposal)
    if document.state in _ASKED and proposal.hash != document.hash:
        # Whoever loads it would say that it was applied, and the approvals are of another text.
        raise Refused(
            f"{plan.id} would do something else than what was seen: the register, gateways.yaml or"
            " another plan changed",
            f"sekisho contain preview {plan.id}",
        )
    document = document.model_copy(update={"hash": proposal.hash})
    back = {one.gateway.name: one for one in tell([t.gateway.name for t in proposal.told], on)}
    pages = dict(
        page
        for one in proposal.told
        for page in _pages(out, document, one, back[one.gateway.name], now)
    )
    write_texts(out, pages)
    return tuple(path for path in pages if path.suffix == ".md")


def _pages(
    out: Path, document: PlanDocument, told: Told, back: Told, now: datetime
) -> Iterator[tuple[Path, str]]:
    if told.rendered is None or back.rendered is None:
        why = told.why or back.why
        raise CannotExpress(f"{told.gateway.name}: {why}", "nothing was written")
    gateway = told.gateway
    folder, suffix = out / gateway.name, told.rendered.suffix
    files = f"apply{suffix}", f"rollback{suffix}"
    yield folder / files[0], told.rendered.text
    yield folder / files[1], back.rendered.text
    about = Runbook(
        plan=document,
        gateway=PlanGateway(
            name=gateway.name,
            platform=gateway.platform,
            address=str(gateway.address),
            deliver=gateway.deliver,
        ),
        owner=gateway.owner,
        links=[" <-> ".join(", ".join(map(str, end)) for end in link) for link in gateway.links],
        windows=[window.text for window in gateway.windows],
        files=files,
        hashes=(told.sha256 or "", back.sha256 or ""),
        notes=told.rendered.notes,
        made=now,
    )
    yield folder / "RUNBOOK.md", runbook(about)
