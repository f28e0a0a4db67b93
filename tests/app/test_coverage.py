from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from sekisho.app.coverage import coverage
from sekisho.app.workspace import Workspace
from sekisho.errors import FileProblems


def test_hours_of_every_sensor(read_company: Workspace, now: datetime) -> None:
    found = coverage(read_company, begin=None, end=None, now=now)
    assert found.sensors == ("jp-edge", "th-edge")
    assert {item.state for item in found.coverage} == {"seen"}
    assert found.made == now


def test_hours_after_the_last_record_are_no_data(read_company: Workspace, now: datetime) -> None:
    end = now - timedelta(hours=12)
    found = coverage(read_company, begin=end - timedelta(days=1), end=end, now=now)
    assert (found.window.begin, found.window.end) == (end - timedelta(days=1), end)
    assert [(item.sensor, item.state, item.end - item.begin) for item in found.coverage] == [
        (name, state, timedelta(hours=12))
        for name in ("jp-edge", "th-edge")
        for state in ("seen", "no_data")
    ]


def test_without_evidence_nothing_is_claimed(raw: Workspace, now: datetime) -> None:
    found = coverage(raw, begin=None, end=None, now=now)
    assert (found.coverage, found.window.begin) == ((), None)
    assert found.sensors == ("jp-edge", "th-edge")
    (raw.root / "sites.yaml").write_text("sites: [")
    with pytest.raises(FileProblems):
        coverage(raw, begin=None, end=None, now=now)
