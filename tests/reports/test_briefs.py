from __future__ import annotations

import io
from datetime import UTC, datetime
from typing import Any

import pytest

from sekisho.model.briefs import BriefDocument, BriefFeed, ChangesDocument, NewEntry, Todo
from sekisho.model.methods import Change, Version
from sekisho.reports.briefs import brief_report, changes_report
from sekisho.reports.registry import render

NOW = datetime(2020, 6, 30, tzinfo=UTC)
BAD = "<script>alert(1)</script>\x1b[31m"
VERSION = Version(domain="enterprise-attack", version="18.1", date=NOW, source="x", notice="© MITRE")
CHANGE = Change(technique="T1570", name="Lateral", kind="added", text="is new", in_scope=True, todo="x")
OTHER = Change(technique="T1499", name="Denial", kind="added", text="is new")
ENTRY = NewEntry(
    id="a", title=BAD, feed="cert", at=NOW, arrived=NOW, altered=True, level="", about="",
    techniques=("T1021",), vulnerabilities=(), concerns=tuple(f"site-{n}" for n in range(12)), todo="y",
)  # fmt: skip


def feed(days: int) -> BriefFeed:
    return BriefFeed(
        name="mine", kind="list", licence="own", days=days, last=None, standing="current", new=0
    )


def document(**changes: Any) -> BriefDocument:
    said: dict[str, Any] = {
        "made": NOW, "month": "2020-06", "asked": True, "feeds": (feed(3),), "before": None,
        "attack": VERSION, "changes": (), "indicators": (), "new_exploited": 0, "exploited": (),
        "rules": (), "advisories": (), "todo": (),
    }  # fmt: skip
    return BriefDocument(**(said | changes))


def written(report: Any, form: str = "table") -> str:
    out = io.StringIO()
    render(report, form, out)
    return out.getvalue()


def test_nothing_new_nobody_asked_and_nothing_followed_are_three_answers() -> None:
    assert "2020-06: nothing new." in written(brief_report(document()))
    silent = written(brief_report(document(asked=False, feeds=(feed(0),))))
    assert "no feed was refreshed" in silent
    assert "is not known" in silent
    assert "nothing is followed" in written(brief_report(document(feeds=(), asked=False)))
    late = written(brief_report(document(feeds=(feed(3), feed(0)))))
    assert "Not refreshed: mine." in late


@pytest.mark.parametrize("form", ["table", "html", "json", "markdown", "csv"])
def test_a_brief_in_every_form_with_text_of_others_as_text(form: str) -> None:
    made = document(
        before=VERSION,
        changes=(CHANGE, OTHER),
        advisories=(ENTRY,),
        new_exploited=4,
        todo=(Todo(what=BAD, why="w", who=("jp-hq",), by="2020-07-01"),),
    )
    text = written(brief_report(made), form)
    if form in ("table", "html"):
        assert "\x1b[31m" not in text
    if form == "html":
        assert "<script>alert" not in text
    if form == "table":
        joined = " ".join(text.split())
        assert (
            "1 technique changed, 4 new exploited vulnerabilities, 1 new advisory; 1 thing to do"
            in joined
        )
        assert "None of 4 is known to be installed here." in joined
        assert "and 4 more" in joined
        assert "© MITRE" in joined
        assert max(map(len, text.splitlines())) <= 80


def test_changes_in_scope_are_told_and_others_counted() -> None:
    made = ChangesDocument(
        made=NOW, before=VERSION, attack=VERSION, changes=(CHANGE, OTHER), advisories=(ENTRY,)
    )
    text = " ".join(written(changes_report(made)).split())
    assert "1 change in scope, 1 elsewhere" in text
    assert "added: is new" in text
    assert "(changed)" in text
    none = ChangesDocument(made=NOW, before=None, attack=VERSION, changes=(), advisories=())
    assert "no earlier version" in written(changes_report(none))
    assert "Nothing changed." not in written(changes_report(none)), "nobody could compare"
    same = none.model_copy(update={"before": VERSION})
    assert "nothing changed" in written(changes_report(same))
