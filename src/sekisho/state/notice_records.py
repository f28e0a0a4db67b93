"""The rows of facts and deliveries as values. All times are aware UTC; `seq` is the place in the ledger."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, get_args

NoticeAction = Literal["fact", "delivery", "draft", "approval", "lesson", "action", "closing", "coding"]
NOTICE_ACTIONS: tuple[NoticeAction, ...] = get_args(NoticeAction)


@dataclass(frozen=True, slots=True)
class NoticeEvent:
    """A fact that was recorded of an incident, something drafted, approved or delivered because of it, or what
    was learned from it."""

    seq: int
    incident: str
    action: NoticeAction
    by: str
    at: datetime
    body: Mapping[str, Any]
