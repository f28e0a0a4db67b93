from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from sekisho.app.checking.enrolling import new_secret, retire_secret
from sekisho.app.decisions import open_decisions
from sekisho.app.doctor_fleet import service
from sekisho.app.workspace import Workspace, init
from sekisho.model.nodes import Enrolling, Letter
from sekisho.model.terminals import Sighting

NOW = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.fixture
def place(tmp_path: Path) -> Workspace:
    return init(tmp_path / "acme").workspace


def told(place: Workspace, now: datetime = NOW) -> list[str]:
    found = list(service(place, now))
    assert all(mend for _, state, _, mend in found if state != "ok")
    return [f"{state}: {text}" for _, state, text, _ in found]


def test_where_it_never_ran_nothing_is_said(place: Workspace) -> None:
    assert told(place) == []


def test_nodes_that_are_heard_judged_and_silent(place: Workspace) -> None:
    secret = new_secret(place, now=NOW, by="ken")
    assert told(place) == ["ok: 0 of 0 nodes heard lately"]
    with open_decisions(place) as decisions, decisions.state.nodes().batch() as batch:
        one = Enrolling("a", Sighting("pc1"), "pc1", "5", "10.1.0.5", "s", "k")
        batch.enrol([(one, secret.id)], {}, NOW, 9)
        batch.post([Letter(1, "status", "x", b"")], NOW)
    assert told(place) == ["ok: 1 of 1 node heard lately"]
    later = NOW + timedelta(hours=1)
    assert told(place, later) == [
        "warn: 1 delivery not judged, the oldest for 1 h",
        "warn: none of 1 node was heard for 15 minutes",
    ]
    retire_secret(place, secret.id, now=NOW, by="ken")
    (place.fleet / "pepper").unlink()
    assert told(place)[0] == "warn: no enrolment secret is valid"
    assert "the key of its hashes is gone" in told(place)[1]
