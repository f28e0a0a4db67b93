from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sekisho.model.restorations import RestorationDocument, RestorationsDocument
from sekisho.reports.restorations import (
    following_stage,
    headline,
    restoration_report,
    restorations_report,
)

AT = datetime(2026, 1, 1, tzinfo=UTC)
GATE = {
    "name": "quiet",
    "state": "closed",
    "passes": False,
    "asks": "days",
    "why": "1 of 4 days were quiet",
    "evidence": ("a line",),
    "days": (
        {"day": "2026-01-01", "quiet": True, "covered": {"th": 1.0}},
        {"day": "2026-01-02", "quiet": False, "covered": {"th": 0.5, "jp": None}, "why": "dark"},
    ),
}
STAGES: tuple[dict[str, Any], ...] = (
    {"number": 1, "state": "lifted", "opens": ("site:jp",), "links": ("jp <-> th",), "hash": "aa"},
    {
        "number": 2,
        "state": "closed",
        "opens": ("rest",),
        "links": ("th <-> us",),
        "hash": "bb",
        "gates": (GATE,),
        "lacks": ("stage 2: 1 more of 1 people must approve it",),
        "held_by": ("P-9",),
    },
)


def made(*stages: dict[str, Any], **more: Any) -> RestorationDocument:
    values = {"id": "R-1", "at": AT, "by": "aiko", "made": AT, "plans": ("P-1",), "since": AT}
    return RestorationDocument.model_validate(values | {"stages": stages} | more)


def test_one_with_its_evidence() -> None:
    document = made(*STAGES, reason="calm", reopened_findings=("F-1",))
    assert headline(document) == (
        "R-1 gives back P-1: 1 of 2 stages are lifted; stage 2 is closed, kept by quiet."
    )
    report = restoration_report(document)
    sheets = {sheet.name: sheet.rows for sheet in report.sheets}
    assert sheets["gate"] == (("quiet", "closed", "1 of 4 days were quiet", ""),)
    assert sheets["evidence"] == (("quiet", "a line"),)
    assert sheets["day"] == (
        ("2026-01-02", "no", "th 50%, jp nobody looks", "dark"),
        ("2026-01-01", "yes", "th 100%", ""),
    )
    assert report.notes == (
        "reason: calm",
        "findings that would pass again: F-1",
        "P-9 hold some of these links still",
        "still to be approved: stage 2: 1 more of 1 people must approve it",
        "hash of stage 2: bb",
    )
    following = following_stage(document)
    assert following is not None
    assert following.number == 2


def test_one_that_waits_to_be_confirmed_and_one_that_was_cut_again() -> None:
    plans = ({"lifts": "P-1", "state": "confirmed", "hash": "cc"},)
    lifting = made(STAGES[1] | {"state": "lifting", "gates": (), "plans": plans})
    assert any("sekisho contain confirm P-1" in note for note in restoration_report(lifting).notes)
    again = made(STAGES[0] | {"state": "recontained"})
    assert headline(again) == "R-1 gives back P-1: 1 of 1 stages are lifted; stage 1 was cut again."
    assert following_stage(again) is None


def test_all_of_them() -> None:
    both = RestorationsDocument(restorations=(made(*STAGES), made(STAGES[0])))
    report = restorations_report(both)
    assert report.headline == "2 restorations."
    assert report.sheets[0].rows[0] == ("R-1", "P-1", "2 of 2", "closed", "quiet", AT)
    assert report.sheets[0].rows[1][3] == "lifted"
