"""What people did to something, entry by entry of the ledger."""

from __future__ import annotations

from collections.abc import Sequence

from sekisho.model.plans import PlanAction
from sekisho.model.restorations import RestorationAction
from sekisho.reports.base import Column, Sheet

_COLUMNS = (
    Column("entry", "Entry", "count"),
    Column("at", "At", "time"),
    Column("by", "By"),
    Column("kind", "What"),
    Column("text", "Said"),
)


def history(title: str, actions: Sequence[PlanAction | RestorationAction]) -> Sheet:
    """A row for each, in their order."""
    rows = tuple((one.entry, one.at, one.by, one.kind, one.text) for one in actions)
    return Sheet("action", title, _COLUMNS, rows, "")
