"""Every check by name, and the tables that they read."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any

from sekisho.fleet.checks import indicators, local_admins, sigma, yara
from sekisho.fleet.checks.audit_policy import AuditPolicy
from sekisho.fleet.checks.base import Check, Failed, Parted, Timed, Wider, bounded
from sekisho.fleet.checks.firewall import Firewall
from sekisho.fleet.checks.indicators import Indicators
from sekisho.fleet.checks.laps import Laps
from sekisho.fleet.checks.local_admins import LocalAdmins
from sekisho.fleet.checks.log_cleared import LogCleared
from sekisho.fleet.checks.logging_on import LoggingOn
from sekisho.fleet.checks.other_logs import OtherLogs
from sekisho.fleet.checks.patch_age import PatchAge
from sekisho.fleet.checks.rdp import Rdp
from sekisho.fleet.checks.remote_access import RemoteAccess
from sekisho.fleet.checks.scheduled_tasks import ScheduledTasks
from sekisho.fleet.checks.services import Services
from sekisho.fleet.checks.sigma import Sigma
from sekisho.fleet.checks.smb_signing import SmbSigning
from sekisho.fleet.checks.startup import Startup
from sekisho.fleet.checks.wmi_subscriptions import WmiSubscriptions
from sekisho.fleet.checks.yara import Yara
from sekisho.fleet.collections.base import Collection, Gathered
from sekisho.fleet.looked import told
from sekisho.fleet.platforms import EVERYWHERE, of_sql
from sekisho.fleet.software import software_of
from sekisho.model.terminals import CheckAnswer, Outcome, Sighting

_ALL: tuple[Check, ...] = (
    Services(),
    ScheduledTasks(),
    Startup(),
    WmiSubscriptions(),
    RemoteAccess(),
    LocalAdmins(),
    LogCleared(),
    OtherLogs(),
    LoggingOn(),
    AuditPolicy(),
    Firewall(),
    SmbSigning(),
    Rdp(),
    PatchAge(),
    Laps(),
    Indicators(),
    Yara(),
    Sigma(),
)
NEED_SETTING_UP = frozenset({indicators.NAME, yara.NAME, sigma.NAME})
"""What a workspace must bring something to: asked where it does, or by name."""
CHECKS: Mapping[str, Check] = MappingProxyType({check.name: check for check in _ALL})


SELDOM = 24
_HEAVY = frozenset({"process_files", "patches", "windows_update_history"})
"""Hashing each running program, or asking Windows Update, is work that a watchdog may take for a fault."""


_OF_WINDOWS = frozenset({local_admins.TABLE, "os_version"})
"""Asked by a column that Windows alone has, or for its builds."""


def runs_on(table: str, query: str) -> frozenset[str]:
    """The platforms that a question about a table is asked of."""
    return frozenset({"windows"}) if table in _OF_WINDOWS else of_sql(query)


def reads(check: Check) -> tuple[str, ...]:
    """Every table that a check reads, those it needs first."""
    return (*check.tables, *(check.also if isinstance(check, Wider) else ()))


def configured(*own: Check) -> tuple[Check, ...]:
    """Every check, those that are given in the place of those of their name."""
    by_name = {check.name: check for check in own}
    return tuple(by_name.get(check.name, check) for check in _ALL)


NOT_RECORDED = "there are no rows at all: nothing was recorded"
QUERIES: Mapping[str, str] = MappingProxyType(
    {table: query for check in _ALL for table, query in check.queries.items()}
)
"""What osquery is asked, by table."""
TABLES = frozenset((*(table for check in _ALL for table in reads(check)), *local_admins.RAW))


def pack(interval: int = 3600) -> dict[str, Any]:
    """A query pack for osquery, as snapshots: what a differential log leaves out is not clean.

    `interval` is seconds between two results of a table; what costs a terminal much, or hardly changes, is
    asked `SELDOM` times less often.
    """
    return {
        "queries": {
            table: {
                "query": query,
                "interval": interval * SELDOM if table in _HEAVY else interval,
                "snapshot": True,
            }
            | _platform(runs_on(table, query))
            for check in _ALL
            for table, query in check.queries.items()
        }
    }


def _platform(only: frozenset[str]) -> dict[str, str]:
    return {} if only == EVERYWHERE else {"platform": ",".join(sorted(only))}


def answers(
    collection: Collection,
    intake: str,
    received: datetime,
    checks: Iterable[Check] = _ALL,
) -> Iterator[CheckAnswer]:
    """What a collection answers: a check is answered where every table that it needs was collected."""
    asked = tuple(checks)
    for who, collected in collection.machines.values():
        tables = dict(collected)
        if local_admins.TABLE not in tables and (made := local_admins.derived(tables)) is not None:
            tables[local_admins.TABLE] = made
        for check in asked:
            if any(table not in tables for table in check.tables):
                continue
            if read := {table: tables[table] for table in reads(check) if table in tables}:
                yield answer(who, check, read, intake, received)


def answer(
    who: Sighting, check: Check, tables: Mapping[str, Gathered], intake: str, received: datetime
) -> CheckAnswer:
    """What a machine's tables, those that the check reads, answer to it."""
    at = min((one.collected for one in tables.values() if one.collected is not None), default=None)
    rows = {name: one.rows for name, one in tables.items()}
    when = received if at is None else min(at, received)
    needed = [tables[name] for name in check.tables]
    # Of what could not be asked at all nothing is found: that a setting is not there would be.
    nothing = any(one.failure for one in needed) and not any(one.rows for one in needed)
    said: list[str] = []
    if not nothing:
        said = list(check.judge_at(rows, when) if isinstance(check, Timed) else check.judge(rows))
    found = bounded(text for text in said if not isinstance(text, Failed))
    failures = [one.failure or one.why for one in tables.values() if one.failure or not one.whole]
    if check.never_empty and not failures and not any(one.rows for one in tables.values()):
        failures = [NOT_RECORDED]
    else:
        failures += [text for text in said if isinstance(text, Failed)]
    outcome: Outcome = "findings" if found else "failed" if failures else "clean"
    absent = [one.failure for one in tables.values() if one.absent]
    if absent and not found and all(one.whole or one.absent for one in tables.values()):
        outcome, failures = "not_applicable", [f"its osquery says: {text}" for text in absent]
    kinds = check.kinds if isinstance(check, Parted) else {}
    looked = tuple(
        dict.fromkeys(kinds[name] for name, one in tables.items() if name in kinds and not one.failure)
    )
    reason = "; ".join(failures)
    if kinds and outcome in ("clean", "findings"):
        reason = "; ".join((*failures, told(looked, dict.fromkeys(kinds.values()))))
    # The same answer in another file, such as a log that has grown, is the same answer.
    words = (who.id, check.name, outcome, str(at) if at else intake, *found, *failures, *looked)
    return CheckAnswer(
        id=hashlib.sha256("\x1f".join(words).encode("utf-8", "surrogatepass")).hexdigest(),
        intake=intake,
        who=who,
        check=check.name,
        outcome=outcome,
        received=received,
        collected=at,
        reason=reason[:500],
        rows=sum(len(one.rows) for one in tables.values()),
        findings=found,
        software=software_of(tables),
        looked=looked,
    )
