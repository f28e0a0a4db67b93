"""How a document is to be rendered."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from sekisho.reports.inventory import InventorySummary
from sekisho.reports.units import Times


@dataclass(frozen=True, slots=True)
class Options:
    """How to render. `limit` bounds the rows on a terminal (None: all); `now` is printed as the time of
    making; `color` and `plain_ascii` None let the stream decide; `width` None too, 80 in a pipe.
    `times` says in which zone people read; JSON, JSON lines and CSV are UTC whatever it says.
    """

    color: bool | None = None
    plain_ascii: bool | None = None
    width: int | None = None
    limit: int | None = None
    title: str = ""
    now: datetime | None = None
    inventory_summary: InventorySummary | None = None
    times: Times = field(default_factory=Times)
