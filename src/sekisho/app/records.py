"""Audits that are kept for an auditor, and what changed between two."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

from pydantic import ValidationError

from sekisho.app.audit import run_audit
from sekisho.app.decisions import open_decisions
from sekisho.app.workspace import Workspace
from sekisho.audit.compare import AuditDiff, Judged, compare
from sekisho.audit.record import AuditRecord, make_record
from sekisho.errors import IntegrityError, RequestError
from sekisho.model.findings import AuditDocument
from sekisho.state.records import AuditRecord as Kept

MAX_DOCUMENT = 512 << 20
"""Bytes read of an audit's JSON file."""
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


def record(
    workspace: Workspace,
    name: str,
    *,
    begin: datetime | None,
    end: datetime | None,
    now: datetime,
    by: str,
    step: Callable[[str, int, int | None], None] | None = None,
) -> AuditRecord:
    """Audit and keep the result under a name, for good.

    Raises RequestError for a name that is taken or no name, FileProblems.
    """
    if not _NAME.fullmatch(name):
        raise RequestError(
            f"{name!r} cannot name an audit",
            "letters, digits, dots, dashes and underscores, at most 64",
        )
    with open_decisions(workspace) as decisions:
        _free(decisions.state.audits(), name)
    audited = run_audit(workspace, begin=begin, end=end, now=now, by=by, step=step)
    inventory = audited.register.inventory
    made = make_record(
        audited.document, name=name, by=by, at=now, sites=inventory.sites, sensors=inventory.sensors
    )
    content = made.model_dump_json(by_alias=True).encode()
    body = {
        "name": name,
        "document": hashlib.sha256(content).hexdigest(),
        "hashes": {"policy": made.policy.sha256, "inventory": made.inventory or ""},
    }
    with open_decisions(workspace) as decisions, decisions.exclusive():
        _free(decisions.state.audits(), name)
        decisions.decide("audit.record", body, at=now, by=by, contents=[content])
    return made


def _free(kept: Sequence[Kept], name: str) -> None:
    if any(one.name == name for one in kept):
        raise RequestError(f"an audit named {name!r} is recorded already", "a record never changes")


def listed(workspace: Workspace) -> tuple[Kept, ...]:
    """The recorded audits, oldest first."""
    with open_decisions(workspace) as decisions:
        return decisions.state.audits()


def shown(workspace: Workspace, name: str) -> AuditRecord:
    """One recorded audit. Raises RequestError where there is none of that name, IntegrityError."""
    with open_decisions(workspace) as decisions:
        kept = {one.name: one for one in decisions.state.audits()}
        if name not in kept:
            choices = ", ".join(sorted(kept)) or "none yet: `sekisho audit record NAME`"
            raise RequestError(f"no audit named {name!r} is recorded", f"recorded: {choices}")
        content = decisions.state.content(kept[name].document)
    if content is None:
        raise IntegrityError(
            f"the document of audit {name!r} is gone", "restore the state from a backup"
        )
    return AuditRecord.model_validate_json(content)


def compared(workspace: Workspace, old: str, new: str) -> AuditDiff:
    """What changed between two audits, each a recorded one's name or the path of an audit's JSON.

    Raises RequestError for what is neither.
    """
    return compare(_judged(workspace, old), _judged(workspace, new))


def _judged(workspace: Workspace, asked: str) -> Judged:
    path = Path(asked)
    if not path.is_file():
        return shown(workspace, asked)
    try:
        if path.stat().st_size > MAX_DOCUMENT:
            raise RequestError(f"{path} is too large to be an audit's JSON")
        content = path.read_bytes()
    except OSError as error:
        raise RequestError(f"{path} cannot be read: {error.strerror}") from error
    kind = AuditRecord if b'"sekisho.audit-record/1"' in content[:4096] else AuditDocument
    try:
        return kind.model_validate_json(content)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "the document"
        raise RequestError(
            f"{path} is no audit's JSON: {where}: {first['msg']}",
            "write one with `sekisho audit --format json --output FILE`",
        ) from error
