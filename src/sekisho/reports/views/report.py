"""Answers that are plain tables."""

from __future__ import annotations

import json

from pydantic import BaseModel

from sekisho.reports.base import Report, Sheet
from sekisho.reports.units import Times
from sekisho.reports.view import View, plain


class ReportView(View[Report]):
    """A `Report`: headline, sheets, notes."""

    name = "report"

    def headline(self, document: Report, times: Times) -> str:
        """As given."""
        return document.headline

    def sheets(self, document: Report) -> tuple[Sheet, ...]:
        """As given; CSV of a report without tables has no columns."""
        return document.sheets or (Sheet("row", "", (), ()),)

    def table(self, document: Report) -> Sheet:
        """Its own where it has one."""
        return document.flat or super().table(document)

    def notes(self, document: Report) -> tuple[str, ...]:
        """As given."""
        return document.notes

    def payload(self, document: Report) -> str:
        """Its own document where it has one, else what the tables say."""
        given = document.document
        if isinstance(given, BaseModel):
            # Large documents are common here, and the standard library indents them in Python.
            return given.model_dump_json(by_alias=True, indent=2)
        if given is None:
            given = {
                "headline": document.headline,
                **{
                    sheet.name: [
                        {c.key: v for c, v in zip(sheet.columns, row, strict=True)}
                        for row in sheet.rows
                    ]
                    for sheet in document.sheets
                },
                "notes": document.notes,
            }
        return json.dumps(plain(given), indent=2, ensure_ascii=False)
