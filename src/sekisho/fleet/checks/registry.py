"""Every check by name, and the tables that they read."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any

from sekisho.fleet.checks.base import Check, bounded
from sekisho.fleet.checks.firewall import Firewall
from sekisho.fleet.checks.log_cleared import LogCleared
from sekisho.fleet.checks.rdp import Rdp
from sekisho.fleet.checks.remote_access import RemoteAccess
from sekisho.fleet.checks.scheduled_tasks import ScheduledTasks
from sekisho.fleet.checks.services import Services
from sekisho.fleet.checks.smb_signing import SmbSigning
from sekisho.fleet.checks.startup import Startup
from sekisho.fleet.collections.base import Collection, Gathered
from sekisho.model.terminals import CheckAnswer, Outcome, Sighting

_ALL: tuple[Check, ...] = (
    Services(),
    ScheduledTasks(),
    Startup(),
    RemoteAccess(),
    LogCleared(),
    Firewall(),
    SmbSigning(),
    Rdp(),
)
CHECKS: Mapping[str, Check] = MappingProxyType({check.name: check for check in _ALL})
NOT_RECORDED = "there are no rows at all: nothing was recorded"
TABLES = frozenset(table for check in _ALL for table in check.tables)


def pack() -> dict[str, Any]:
    """A query pack for osquery, as snapshots: what a differential log leaves out is not clean."""
    return {
        "queries": {
            table: {"query": query, "interval": 3600, "snapshot": True}
            for check in _ALL
            for table, query in check.queries.items()
        }
    }


def answers(collection: Collection, intake: str, received: datetime) -> Iterator[CheckAnswer]:
    """What a collection answers: a check is answered where every table that it reads was collected."""
    for who, tables in collection.machines.values():
        for check in _ALL:
            if all(table in tables for table in check.tables):
                yield _answer(who, check, {t: tables[t] for t in check.tables}, intake, received)


def _answer(
    who: Sighting, check: Check, tables: Mapping[str, Gathered], intake: str, received: datetime
) -> CheckAnswer:
    found = bounded(check.judge({name: one.rows for name, one in tables.items()}))
    failures = [one.failure or one.why for one in tables.values() if one.failure or not one.whole]
    if check.never_empty and not failures and not any(one.rows for one in tables.values()):
        failures = [NOT_RECORDED]
    outcome: Outcome = "findings" if found else "failed" if failures else "clean"
    at = min((one.collected for one in tables.values() if one.collected is not None), default=None)
    # The same answer in another file, such as a log that has grown, is the same answer.
    words = (who.id, check.name, outcome, str(at) if at else intake, *found, *failures)
    return CheckAnswer(
        id=hashlib.sha256("\x1f".join(words).encode("utf-8", "surrogatepass")).hexdigest(),
        intake=intake,
        who=who,
        check=check.name,
        outcome=outcome,
        received=received,
        collected=at,
        reason="; ".join(failures)[:500],
        rows=sum(len(one.rows) for one in tables.values()),
        findings=found,
    )
