"""The values that everything here takes: plain tables, answers made of them, how to render."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from sekisho.reports.inventory import InventorySummary
from sekisho.reports.units import Times

if TYPE_CHECKING:
    from pydantic import BaseModel

Kind = Literal["text", "code", "count", "bytes", "time", "severity", "verdict", "state"]
"""How a column is shown: aligned right for numbers, in colour for severity, verdict and state."""
Tlp = Literal["clear", "green", "amber", "red"]
Cell = str | int | float | bool | datetime | None


@dataclass(frozen=True, slots=True)
class Column:
    """`key` names it in CSV, `title` for people."""

    key: str
    title: str
    kind: Kind = "text"


@dataclass(frozen=True, slots=True)
class Sheet:
    """A plain table. `empty` is the sentence that stands where there are no rows."""

    name: str
    title: str
    columns: tuple[Column, ...]
    rows: Sequence[Sequence[Cell]]
    empty: str = "Nothing to show."


@dataclass(frozen=True, slots=True)
class Report:
    """An answer made of tables, for what has no view of its own.

    `document` is what JSON gives (a pydantic model, a mapping or a list); where it is None, JSON gives
    the headline and the sheets. `notes` are sentences below the tables. `flat` is the table of CSV where
    that is not the first sheet.
    """

    headline: str
    sheets: tuple[Sheet, ...] = ()
    notes: tuple[str, ...] = ()
    document: BaseModel | Mapping[str, Any] | Sequence[Any] | None = None
    flat: Sheet | None = None


@dataclass(frozen=True, slots=True)
class Options:
    """How to render. `limit` bounds the rows on a terminal (None: all); `now` is printed as the time of
    making; `color` and `plain_ascii` None let the stream decide; `width` None too, 80 in a pipe.
    `times` says in which zone people read; JSON, JSON lines and CSV are UTC whatever it says. `tlp` says
    with whom what is handed over may be shared (FIRST, Traffic Light Protocol 2.0).
    """

    color: bool | None = None
    plain_ascii: bool | None = None
    width: int | None = None
    limit: int | None = None
    title: str = ""
    company: str = ""
    now: datetime | None = None
    inventory_summary: InventorySummary | None = None
    times: Times = field(default_factory=Times)
    tlp: Tlp = "amber"

    def titled(self, kind: str) -> str:
        """The title that was asked for, else the company's name before the kind of page."""
        return self.title or (f"{self.company}: {kind}" if self.company else kind)
