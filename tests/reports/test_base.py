from __future__ import annotations

import pytest

from sekisho.reports.base import Column, Options, Report, Sheet


def test_a_report_is_a_value() -> None:
    sheet = Sheet("row", "Rows", (Column("a", "A", "count"),), [(1,), (2,)])
    report = Report("Two rows.", (sheet,))
    assert report == Report("Two rows.", (sheet,), (), None)
    with pytest.raises(AttributeError):
        report.headline = "changed"  # type: ignore[misc]


def test_options_leave_colour_and_width_to_the_stream() -> None:
    options = Options()
    assert (options.color, options.plain_ascii, options.width, options.limit) == (
        None,
        None,
        None,
        None,
    )
    assert options.times.label == "UTC"


def test_titles() -> None:
    assert Options().titled("Coverage") == "Coverage"
    assert Options(company="Acme").titled("Coverage") == "Acme: Coverage"
    assert Options(company="Acme", title="June").titled("Coverage") == "June"
