"""What feeds say is text of others: it stays text wherever it is shown."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from typing import Any

from sekisho.model.findings import Bytes, End, Onset, Span
from sekisho.model.hunts import FeedDocument, FeedsDocument, Hit, HuntDocument, Matched
from sekisho.reports.hunting import feeds_report, hunt_report
from sekisho.reports.registry import render

NOW = datetime(2020, 6, 11, tzinfo=UTC)
BAD = "<script>alert(1)</script>"


def feed(**changes: Any) -> FeedDocument:
    said: dict[str, Any] = {
        "name": "mine", "kind": "list", "place": "x", "licence": BAD, "tlp": "clear", "confidence": 50,
        "standing": "stale", "checked": NOW, "changed": NOW, "age_seconds": 86_400 * 9, "indicators": 3,
        "expired": 1, "aside": {"too_wide": 2, "malformed": 1},
        "examples": {"too_wide": ("0.0.0.0/0",), "malformed": (BAD,)},
    }  # fmt: skip
    return FeedDocument(**(said | changes))


def hit(**changes: Any) -> Hit:
    matched = Matched(
        kind="url", value=f"http://45.9.148.3/{BAD}", via="url", found="45.9.148.3", feed="mine",
        feed_standing="stale", feed_age_seconds=86_400 * 9, licence="CC0", confidence=50, tlp="clear",
        valid_from=None, valid_until=NOW, expired=changes.pop("expired", False), source="", says=BAD,
    )  # type: ignore[arg-type]  # fmt: skip
    said: dict[str, Any] = {
        "finding": "F-1", "raised": True, "severity": "low", "indicators": (matched,),
        "src": End(address="10.1.0.5"), "dst": End(address="45.9.148.3"), "protocol": "tcp", "port": 443,
        "first_seen": NOW, "last_seen": NOW, "days_active": 1, "flows": 7, "established": 7,
        "bytes_out": Bytes(low=1, high=1), "bytes_in": Bytes(low=1, high=1),
        "onset": Onset(at=NOW, kind="observed"), "sensors": ("a",),
    }  # fmt: skip
    return Hit(**(said | changes))


def hunt(*hits: Hit) -> HuntDocument:
    return HuntDocument(
        made=NOW,
        window=Span.model_validate({"from": NOW, "to": NOW}),
        feeds=(feed(),),
        hunted={"url": 3},
        recorded=True,
        named=True,
        total=len(hits),
        hits=hits,
    )


def written(report: Any, form: str) -> str:
    out = io.StringIO()
    render(report, form, out)
    return out.getvalue()


def test_a_feed_with_its_age_and_what_was_set_aside() -> None:
    report = feeds_report(FeedsDocument(made=NOW, feeds=(feed(),), indicators=3))
    assert report.headline == "1 feed, 3 indicators."
    assert report.sheets[0].rows[0][:6] == ("mine", "stale", "9 days", 3, 1, 3)
    assert report.notes[0] == "mine: would match everything: 2, such as 0.0.0.0/0"
    assert "add" in feeds_report(FeedsDocument(made=NOW, feeds=(), indicators=0)).headline


def test_hits_and_expired_ones() -> None:
    report = hunt_report(hunt(hit(), hit(expired=True, raised=False, severity=None)))
    assert report.headline == "3 indicators: 1 connection found, and 1 by expired ones alone."
    assert [row[0] for row in report.sheets[0].rows] == ["low", "expired"]
    assert "(expired)" in str(report.sheets[0].rows[1][2])
    assert "stale, 9 days" in str(report.sheets[0].rows[0][3])
    assert report.sheets[0].rows[0][7:9] == (NOW, "observed")
    assert hunt_report(hunt()).headline == "3 indicators: 0 connections found."


def test_markup_of_a_feed_is_text_in_a_page() -> None:
    for report in (
        hunt_report(hunt(hit())),
        feeds_report(FeedsDocument(made=NOW, feeds=(feed(),), indicators=3)),
    ):
        page = written(report, "html")
        assert BAD not in page
        assert "&lt;script&gt;" in page
        for form in ("table", "json", "jsonl", "csv"):
            assert written(report, form)
