"""The main job: judge what the lake holds by the register, and say what should not be."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import datetime

from sekisho.app.containing.forcing import force_and_notes
from sekisho.app.decisions import Decisions
from sekisho.app.hunting.hunting import markers_and_notes
from sekisho.app.judging import Audited, Step, judge_evidence
from sekisho.app.workspace import Workspace
from sekisho.audit.marks import Marker
from sekisho.contain.escaped import EscapedMarker
from sekisho.model.findings import AuditDocument
from sekisho.model.verdicts import Severity, worse_or_equal


def run_audit(
    workspace: Workspace,
    *,
    begin: datetime | None,
    end: datetime | None,
    now: datetime,
    by: str,
    sites: Sequence[str] = (),
    pair: tuple[str, str] | None = None,
    step: Step | None = None,
) -> Audited:
    """Audit a window of the evidence (None: all of it), with what people decided about findings, with what
    escaped the plans in force and with what feeds indicate.

    Keeps the versions of policy and inventory that judged. Raises FileProblems, RequestError.
    """

    def also(decisions: Decisions) -> tuple[Sequence[Marker], Sequence[str]]:
        held, notes = force_and_notes(workspace, decisions, now=now, by=by)
        indicated, stale = markers_and_notes(workspace, now)
        return (*((EscapedMarker(held),) if held else ()), *indicated), (*notes, *stale)

    return judge_evidence(
        workspace,
        begin=begin,
        end=end,
        now=now,
        by=by,
        sites=sites,
        pair=pair,
        step=step,
        more=also,
    )


def fails(document: AuditDocument, threshold: Severity | None) -> bool:
    """Whether an open finding is at least as severe as the threshold; never where there is none."""
    return threshold is not None and any(
        f.life.status == "open" and worse_or_equal(f.severity, threshold) for f in document.findings
    )


def threshold_of(workspace: Workspace, asked: str | None) -> Severity | None:
    """The severity that makes an audit fail: as asked, else as the settings say."""
    word = asked or workspace.settings(os.environ).settings.audit.fail_on
    return None if word == "none" else word  # type: ignore[return-value]
