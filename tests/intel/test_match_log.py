from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from sekisho.intel import match_log
from sekisho.intel.match_log import FILE, RuleMatch, matches, note

NOW = datetime(2020, 6, 11, tzinfo=UTC)
DAY = timedelta(days=1)
MET = RuleMatch(rule="a", asked=NOW, at=NOW - DAY, text="matched dns of x", sites=("jp-hq",))


def test_a_rule_keeps_what_it_met_when_it_meets_nothing_any_more(tmp_path: Path) -> None:
    root = tmp_path / "intel"
    assert matches(root) == ()
    note(root, [MET, RuleMatch(rule="b", asked=NOW)])
    note(root, [RuleMatch(rule="a", asked=NOW + DAY)])
    found = {one.rule: one for one in matches(root)}
    assert found["a"] == MET.model_copy(update={"asked": NOW + DAY})
    assert (found["b"].asked, found["b"].at) == (NOW, None)
    note(root, [RuleMatch(rule="a", asked=NOW + DAY, at=NOW, text="again")])
    assert {one.rule: one.text for one in matches(root)} == {"a": "again", "b": ""}


def test_those_that_were_asked_last_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(match_log, "MOST", 2)
    for name in ("a", "b", "a", "c"):
        note(tmp_path, [RuleMatch(rule=name, asked=NOW)])
    assert [one.rule for one in matches(tmp_path)] == ["a", "c"]


def test_a_damaged_log_is_no_evidence_and_the_next_asking_begins_it_anew(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text("{")
    assert matches(tmp_path) == ()
    note(tmp_path, [MET])
    assert matches(tmp_path) == (MET,)
