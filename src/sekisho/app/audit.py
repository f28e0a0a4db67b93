"""The main job: judge what the lake holds by the register, and say what should not be."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sekisho.app.containing.forcing import force_and_notes
from sekisho.app.containing.probes import probes
from sekisho.app.decisions import Decisions
from sekisho.app.hunting.hunting import markers_and_notes
from sekisho.app.judging import Audited, Step, judge_evidence
from sekisho.app.workspace import Workspace
from sekisho.audit.marks import Marker
from sekisho.contain.escaped import EscapedMarker
from sekisho.contain.probing.known import Known
from sekisho.model.findings import AuditDocument, Check, Finding
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

    asked: list[Known] = []

    def also(decisions: Decisions) -> tuple[Sequence[Marker], Sequence[str]]:
        asked.append(Known(probes(decisions.state.plans())))
        held, notes = force_and_notes(workspace, decisions, now=now, by=by)
        indicated, stale = markers_and_notes(workspace, now)
        return (*((EscapedMarker(held),) if held else ()), *indicated), (*notes, *stale)

    audited = judge_evidence(
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
    return replace(audited, document=explained(audited.document, asked[0])) if any(asked) else audited


def explained(document: AuditDocument, asked: Known) -> AuditDocument:
    """The same, with a check `probe` at findings that our own terminals were asked to make."""
    return document.model_copy(update={"findings": tuple(_one(f, asked) for f in document.findings)})


def _one(finding: Finding, asked: Known) -> Finding:
    if finding.protocol != "tcp" or finding.src.realm or finding.dst.realm:
        return finding
    ends = finding.src.address, finding.dst.address
    text = asked.of(*ends, finding.port, finding.first_seen, finding.last_seen)
    if text is None:
        return finding
    return finding.model_copy(update={"checks": (*finding.checks, Check(id="probe", text=text))})


def fails(document: AuditDocument, threshold: Severity | None) -> bool:
    """Whether an open finding is at least as severe as the threshold; never where there is none."""
    return threshold is not None and any(
        f.life.status == "open" and worse_or_equal(f.severity, threshold) for f in document.findings
    )


def threshold_of(workspace: Workspace, asked: str | None) -> Severity | None:
    """The severity that makes an audit fail: as asked, else as the settings say."""
    word = asked or workspace.settings(os.environ).settings.audit.fail_on
    return None if word == "none" else word  # type: ignore[return-value]
