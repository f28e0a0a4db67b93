"""The main job: judge what the lake holds by the register, and say what should not be."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from datetime import datetime

from sekisho.app.register import Register, load_register
from sekisho.app.wiring import open_lake, open_state
from sekisho.app.workspace import Workspace
from sekisho.audit.run import audit
from sekisho.model.findings import AuditDocument
from sekisho.model.verdicts import Severity, worse_or_equal

Step = Callable[[str, int, int | None], None]


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
) -> tuple[AuditDocument, Register]:
    """Audit a window of the evidence (None: all of it), with what people decided about findings.

    Keeps the versions of policy and inventory that judged. Raises FileProblems, RequestError.
    """
    register = load_register(workspace, now=now, by=by)
    with open_lake(workspace) as lake, open_state(workspace) as state:
        lake.refresh(progress=step)
        document = audit(
            lake,
            register.inventory,
            register.compiled,
            begin=begin,
            end=end,
            now=now,
            lives=state.lives(now),
            sites=sites or None,
            pair=pair,
            progress=step,
        )
    return document, register


def fails(document: AuditDocument, threshold: Severity | None) -> bool:
    """Whether an open finding is at least as severe as the threshold; never where there is none."""
    return threshold is not None and any(
        f.life.status == "open" and worse_or_equal(f.severity, threshold) for f in document.findings
    )


def threshold_of(workspace: Workspace, asked: str | None) -> Severity | None:
    """The severity that makes an audit fail: as asked, else as the settings say."""
    word = asked or workspace.settings(os.environ).settings.audit.fail_on
    return None if word == "none" else word  # type: ignore[return-value]
