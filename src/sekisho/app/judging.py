"""Judge what the lake holds by the register, with what else is to be said of connections."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sekisho.app.decisions import Decisions, open_decisions
from sekisho.app.logging import info
from sekisho.app.register import Register, load_register
from sekisho.app.wiring import open_lake, traits_of
from sekisho.app.workspace import Workspace
from sekisho.audit.life import lives, seen_again
from sekisho.audit.marks import Marker
from sekisho.audit.registry import MARKERS
from sekisho.audit.run import audit
from sekisho.audit.scope import scope
from sekisho.model.findings import AuditDocument, Finding, PolicyVersion

Step = Callable[[str, int, int | None], None]
More = Callable[[Decisions], tuple[Sequence[Marker], Sequence[str]]]
"""Markers besides the audit's own, and notes."""


@dataclass(frozen=True, slots=True)
class Audited:
    """An audit and the register that judged."""

    document: AuditDocument
    register: Register


def judge_evidence(
    workspace: Workspace,
    *,
    begin: datetime | None,
    end: datetime | None,
    now: datetime,
    by: str,
    sites: Sequence[str] = (),
    pair: tuple[str, str] | None = None,
    step: Step | None = None,
    more: More | None = None,
    of: Any | None = None,
) -> Audited:
    """Audit a window of the evidence (None: all of it), with what people decided about findings and what
    `more` says of connections. With `of` (a table of keys) findings are those among these connections.

    Keeps the versions of policy and inventory that judged. Raises FileProblems, RequestError.
    """
    with open_decisions(workspace) as decisions, open_lake(workspace) as lake:
        register = load_register(workspace, decisions, now=now, by=by)
        markers, unsure = more(decisions) if more else ((), ())
        lake.refresh(traits_of(register.inventory), progress=step)
        document = audit(
            lake,
            register.inventory,
            register.compiled,
            begin=begin,
            end=end,
            now=now,
            lives=lives(decisions.state.events(), now),
            sites=sites or None,
            pair=pair,
            markers=(*MARKERS, *markers),
            automation_flows=workspace.settings(os.environ).settings.audit.automation_flows,
            of=of,
            progress=step,
        )
        incidents = decisions.state.incidents().of_findings()
    info("audited", policy=register.policy.sha256, findings=len(document.findings))
    findings = tuple(_worked_on(seen_again(finding), incidents) for finding in document.findings)
    # The compiled register may hold parts of a changed rule as rules of their own: count those read.
    # What is only proposed judges nothing.
    rules = sum(rule.state == "active" for rule in register.policy.rules)
    policy = PolicyVersion(sha256=register.policy.sha256, rules=rules)
    notes = (*document.notes, *unsure)
    update: dict[str, Any] = {"findings": findings, "policy": policy, "notes": notes}
    if pair:
        sensors, asked = register.inventory.sensors, scope(register.inventory.sites, None, pair)
        update["coverage"] = tuple(
            item
            for item in document.coverage
            if item.sensor not in sensors or asked.watches(sensors[item.sensor])
        )
    return Audited(document.model_copy(update=update), register)


def _worked_on(finding: Finding, incidents: Mapping[str, tuple[str, ...]]) -> Finding:
    """The finding with the incidents that took it in."""
    names = incidents.get(finding.id)
    return finding.model_copy(update={"incidents": names}) if names else finding
