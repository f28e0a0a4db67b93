from __future__ import annotations

import json

from sekisho.reports.base import Column, Report, Sheet
from sekisho.reports.units import Times
from sekisho.reports.views.report import ReportView

SHEET = Sheet("row", "Rows", (Column("a", "A"), Column("b", "B")), [("x", 1)])


def test_json_is_the_given_document_else_the_tables() -> None:
    view = ReportView()
    assert json.loads(view.payload(Report("H.", (SHEET,), (), {"schema": "x/1"}))) == {"schema": "x/1"}
    assert json.loads(view.payload(Report("H.", (SHEET,), ("n",)))) == {
        "headline": "H.",
        "row": [{"a": "x", "b": 1}],
        "notes": ["n"],
    }


def test_it_says_what_it_was_given() -> None:
    view, report = ReportView(), Report("H.", (SHEET,), ("n",))
    assert (view.headline(report, Times()), view.sheets(report), view.notes(report)) == (
        "H.",
        (SHEET,),
        ("n",),
    )
    assert view.sheets(Report("H."))[0].rows == ()
