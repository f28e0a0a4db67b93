"""The rows of the state as values. All times are aware UTC."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, get_args

Action = Literal["accept", "false_positive", "close", "reopen", "assign", "note"]
ACTIONS: tuple[Action, ...] = get_args(Action)
VersionKind = Literal["policy", "inventory"]
AnswerAction = Literal["acknowledge", "snooze", "reopen"]
ANSWERS: tuple[AnswerAction, ...] = get_args(AnswerAction)


@dataclass(frozen=True, slots=True)
class Cursor:
    """How far the ledger has been taken over: `seq` 0 is nothing yet."""

    seq: int = 0
    hash: str = ""
    end: int = 0


@dataclass(frozen=True, slots=True)
class Event:
    """One decision about one finding. `seq` is its place in the ledger and orders events."""

    seq: int
    finding: str
    action: Action
    by: str
    at: datetime
    why: str = ""
    until: datetime | None = None
    assignee: str | None = None


@dataclass(frozen=True, slots=True)
class KeptFile:
    """A file of a version: its name relative to the workspace, and the hash of its bytes."""

    path: str
    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class Version:
    """The register or the inventory as it stood from `seen_at` on; `by` is who first used it."""

    kind: VersionKind
    sha256: str
    seen_at: datetime
    by: str
    files: tuple[KeptFile, ...]
    seq: int


@dataclass(frozen=True, slots=True)
class RuleRecord:
    """When an active rule was first seen. `baseline`: it stood in the first register with rules."""

    rule_hash: str
    rule_id: str
    recorded_at: datetime
    by: str
    version: str
    baseline: bool
    seq: int


@dataclass(frozen=True, slots=True)
class Acceptance:
    """A second person's word that a retroactive rule may excuse what happened before it was known."""

    rule_hash: str
    by: str
    at: datetime
    why: str
    seq: int


@dataclass(frozen=True, slots=True)
class AuditRecord:
    """A recorded audit; its document's bytes are `State.content(document)`."""

    name: str
    at: datetime
    by: str
    document: str
    hashes: Mapping[str, str]
    seq: int


@dataclass(frozen=True, slots=True)
class AlertAnswer:
    """What somebody said of an alert. `seq` is its place in the ledger and orders answers."""

    seq: int
    alert: str
    action: AnswerAction
    by: str
    at: datetime
    why: str = ""
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Maintenance:
    """A time in which alerts of `scope` (lists of names by `sites`, `links`, `hosts`, `rules`) are kept
    but not told. What was ended early has its `end` then."""

    seq: int
    name: str
    begin: datetime
    end: datetime
    by: str
    why: str
    scope: Mapping[str, Sequence[str]]
