"""The flows behind a finding, and why it is one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sekisho.app.audit import run_audit
from sekisho.app.findings import find
from sekisho.app.wiring import open_lake
from sekisho.app.workspace import Workspace
from sekisho.audit import explain as audit_explain
from sekisho.audit.explain import Explanation


def explain(
    workspace: Workspace,
    finding: str,
    *,
    now: datetime,
    by: str,
    limit: int,
    step: Callable[[str, int, int | None], None] | None = None,
) -> Explanation:
    """Explain the finding of that id (or beginning of one) with at most `limit` flows.

    Raises RequestError where there is no such finding.
    """
    audited = run_audit(workspace, begin=None, end=None, now=now, by=by, step=step)
    found = find(audited.document, finding)
    with open_lake(workspace) as lake:
        return audit_explain.explain(
            lake,
            audited.register.inventory,
            audited.register.compiled,
            found,
            coverage=audited.document.coverage,
            limit=limit,
        )
