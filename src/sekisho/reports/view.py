"""What a document must be able to become, whatever the format."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Generic, TypeVar

from pydantic import BaseModel

from sekisho.model.findings import rfc3339
from sekisho.reports.base import Options, Sheet
from sekisho.reports.screen import Screen
from sekisho.reports.units import Times

D = TypeVar("D")


class View(ABC, Generic[D]):
    """A kind of document as tables, records and pages.

    A view gives `headline` and `sheets`; it overrides the rest where plain tables do not do.
    """

    name: str

    @abstractmethod
    def headline(self, document: D, times: Times) -> str:
        """The answer in one sentence, from input: not yet escaped."""

    @abstractmethod
    def sheets(self, document: D) -> tuple[Sheet, ...]:
        """Its tables as people read them, the main one first."""

    def table(self, document: D) -> Sheet:
        """The one table of CSV: every field, nothing rounded."""
        return self.sheets(document)[0]

    def notes(self, document: D) -> tuple[str, ...]:
        """Sentences that stand below the tables."""
        return ()

    def payload(self, document: D) -> str:
        """JSON text of the published contract, indented by two."""
        if isinstance(document, BaseModel):
            return document.model_dump_json(by_alias=True, indent=2)
        return json.dumps(plain(document), indent=2, ensure_ascii=False)

    def records(self, document: D) -> Iterable[Mapping[str, Any]]:
        """One object a line for JSON lines; each says what it is in `record`."""
        for sheet in self.sheets(document):
            for row in sheet.rows:
                keys = (column.key for column in sheet.columns)
                yield {"record": sheet.name, **{k: plain(v) for k, v in zip(keys, row, strict=True)}}

    def lines(self, document: D) -> Iterable[str]:
        """The records as JSON text."""
        for record in self.records(document):
            yield json.dumps(record, ensure_ascii=False, separators=(",", ":"))

    def show(self, document: D, screen: Screen) -> None:
        """On a terminal."""
        screen.headline(self.headline(document, screen.times))
        for sheet in self.sheets(document):
            screen.sheet(sheet)
        screen.notes(self.notes(document))

    def page(self, document: D, options: Options) -> str | None:
        """As one self-contained HTML file; None where its tables are the page."""
        return None


def line(record: str, item: BaseModel, exclude: set[str] | None = None) -> str:
    """A piece of a published contract as a record of JSON lines."""
    return f'{{"record":"{record}",{item.model_dump_json(by_alias=True, exclude=exclude)[1:]}'


def plain(value: Any) -> Any:
    """The value as JSON types: times as RFC 3339, models by their aliases, tuples as lists."""
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json", by_alias=True)
    if isinstance(value, datetime):
        return rfc3339(value)
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [plain(item) for item in value]
    return value
