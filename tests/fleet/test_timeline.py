from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.fleet.test_scope import AT, SCOPE, reached

from sekisho.fleet import timeline
from sekisho.fleet.scope import Reached
from sekisho.fleet.timeline import told

FILES = {"aa": "osqueryd.results.log"}


def test_findings_of_terminals_in_scope_are_told_once_with_their_source() -> None:
    some = [
        reached("th-app02", "th-plant", "10.40.9.9", "y", hours=3),
        reached("th-app02", "th-plant", "10.40.9.9", "x", "x", hours=2),
        reached("jp-pc1", "jp-hq", "10.1.5.1", "x"),
    ]
    items, notes = told(SCOPE, some, FILES)
    assert [(one.at, one.text) for one in items] == [
        (AT + timedelta(hours=2), "on th-app02 services found: x"),
        (AT + timedelta(hours=3), "on th-app02 services found: y"),
    ]
    one = items[0]
    assert (one.kind, one.site, one.source, one.local) == ("terminal", "th-plant", "terminals", None)
    assert (one.evidence[0].path, one.evidence[0].sha256) == ("osqueryd.results.log", "aa")
    assert notes == ()


def _dated(check: str = "sigma", hours: int = 5) -> Reached:
    one = reached("th-app02", "th-plant", "10.40.9.9", "x", hours=hours)
    (answer,) = one.answers
    happened = (AT - timedelta(days=3),)
    return replace(one, answers=[replace(answer, check=check, times=happened)])


def test_a_finding_stands_at_the_time_at_which_it_happened() -> None:
    (item,), _ = told(SCOPE, [_dated()], {})
    assert item.at == AT - timedelta(days=3)
    # Its answer's own time says when that was known.
    assert item.evidence[0].at == AT + timedelta(hours=5)
    assert told(SCOPE, [_dated()], {}, begin=AT) == ((), ())
    assert told(SCOPE, [_dated()], {}, end=AT)[0] == (item,)


def test_the_last_asking_of_the_same_events_counts() -> None:
    one = _dated()
    (answer,) = one.answers
    later = replace(
        answer, id="later", received=answer.received + timedelta(days=1), findings=("x, more",)
    )
    items, _ = told(SCOPE, [replace(one, answers=[later, answer])], {})
    assert [item.text for item in items] == ["on th-app02 sigma found: x, more"]
    both = [replace(each, check="services") for each in (answer, later)]
    assert len(told(SCOPE, [replace(one, answers=both)], {})[0]) == 2


def test_what_is_left_out_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timeline, "MOST", 2)
    one = reached("th-app02", "th-plant", "10.40.9.9", *"abcde")
    items, notes = told(SCOPE, [one], {})
    assert len(items) == 2
    assert notes[0].startswith("3 later findings")
