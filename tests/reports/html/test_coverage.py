from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sekisho.audit.coverage import CoverageDocument
from sekisho.model.findings import CoverageItem, Span
from sekisho.reports.base import Options
from sekisho.reports.html.coverage import render_coverage


def document(items: tuple[CoverageItem, ...], now: datetime) -> CoverageDocument:
    window = Span(begin=None, end=None)
    return CoverageDocument(window=window, made=now, sensors=(), coverage=items)


def test_strips_and_the_same_in_words(
    gaps: tuple[CoverageItem, ...], now: datetime, parse: Callable[[str], Any]
) -> None:
    text = render_coverage(document(gaps, now), "One <sensor>.", Options())
    read = parse(text)
    assert read.wrong == []
    assert read.of("script") == []
    assert "answer-partly" in text
    assert "a silence longer than its ordinary ones" in text
    assert "One &lt;sensor&gt;." in text
    assert sum(attributes.get("class") == "no_data" for attributes in read.of("rect")) >= 2


def test_nothing_recorded_is_said_not_drawn(now: datetime, parse: Callable[[str], Any]) -> None:
    text = render_coverage(document((), now), "Nothing.", Options())
    assert parse(text).wrong == []
    assert "answer-blind" in text
    assert "Nothing was recorded by any sensor." in text
