"""The rows of restorations as values. All times are aware UTC; `seq` is the place in the ledger."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, get_args

RestoreActionKind = Literal["plan", "draft", "waive", "approve", "lift", "recontain", "alarm"]
RESTORE_ACTIONS: tuple[RestoreActionKind, ...] = get_args(RestoreActionKind)


@dataclass(frozen=True, slots=True)
class RestoreEvent:
    """What was decided about a restoration. `body` is what the ledger holds of it."""

    seq: int
    restoration: str
    action: RestoreActionKind
    by: str
    at: datetime
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Recertification:
    """The word of a site's owner that a rule is needed still. `rule_hash` is of what the rule permitted
    then; `owner` gave the word, `by` entered it."""

    seq: int
    rule: str
    rule_hash: str
    site: str
    owner: str
    by: str
    at: datetime
    why: str = ""
