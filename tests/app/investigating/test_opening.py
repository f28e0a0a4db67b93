from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from sekisho.app.findings import current
from sekisho.app.investigating import opening
from sekisho.app.investigating.opening import Asked, open_incident, preserve_again, reopen
from sekisho.app.investigating.working import close, shown
from sekisho.app.ledger import entries, verify
from sekisho.app.wiring import open_lake
from sekisho.app.workspace import Workspace
from sekisho.errors import RequestError
from sekisho.store.lake import Lake

AFTER = datetime.fromisoformat("2021-01-01T00:00:00Z")


def held(workspace: Workspace) -> dict[int, tuple[str, ...]]:
    with open_lake(workspace) as lake:
        return dict(lake.prunable(AFTER).held)


def kept(workspace: Workspace, incident: str) -> set[str]:
    return {path.name for path in (workspace.cases / incident / "evidence").iterdir()}


def test_opening_holds_records_and_preserves(workspace: Workspace, now: datetime) -> None:
    finding = current(workspace, now=now, by="aiko").findings[0]
    assert held(workspace) == {}
    document = open_incident(workspace, Asked(findings=[finding.id[:6]]), now=now, by="aiko")
    assert (document.id, document.title) == ("INC-1", "10.40.9.9 -> 10.1.10.96 smb")
    assert (document.connections, document.findings) == (1, (finding.id,))
    assert set(held(workspace).values()) == {("INC-1",)}
    files = document.evidence
    assert [one.state for one in files] == ["preserved"] * 2
    assert {one.sha256 for one in files} == kept(workspace, "INC-1")
    assert {one.sensor for one in files} == {"jp-edge", "th-edge"}
    last = entries(workspace, 2)
    assert [entry.kind for entry in last] == ["incident.open", "evidence.preserve"]
    assert verify(workspace).whole
    again = current(workspace, now=now, by="aiko").findings
    assert [f.incidents for f in again] == [("INC-1",), (), (), (), ()]


def test_a_host_takes_in_its_findings_and_ids_go_on(
    workspace: Workspace, opened: str, now: datetime
) -> None:
    asked = Asked(hosts=["th-app02"], indicators=["8.8.8.8"], title=" Rayong ")
    document = open_incident(workspace, asked, now=now, by="ken")
    assert (opened, document.id, document.title) == ("INC-1", "INC-2", "Rayong")
    assert [(s.kind, s.connections) for s in document.seeds] == [("host", 3), ("indicator", 1)]
    assert len(document.findings) == 2
    assert any("INC-1" in note for note in document.notes)
    assert ("INC-1", "INC-2") in held(workspace).values()


def test_a_seed_that_matches_nothing_says_where_was_looked(workspace: Workspace, now: datetime) -> None:
    with pytest.raises(RequestError) as refused:
        open_incident(
            workspace, Asked(hosts=["10.99.9.9"], indicators=["evil.example"]), now=now, by="aiko"
        )
    text = str(refused.value)
    assert "nothing was found of host 10.99.9.9, indicator evil.example" in text
    assert "by jp-edge, th-edge" in text
    assert "edge of us-plant" in text
    assert held(workspace) == {}
    assert not workspace.cases.exists()
    with pytest.raises(RequestError, match="say what the incident begins with"):
        open_incident(workspace, Asked(), now=now, by="aiko")


def test_what_is_gone_is_named_and_preserved_when_it_is_back(raw_company: Path, now: datetime) -> None:
    from sekisho.app.ingest import ingest

    workspace = Workspace(raw_company)
    ingest(workspace, [raw_company / "logs"], sensor=None, reader=None, now=now)
    log = raw_company / "logs" / "th-edge" / "conn.log"
    log.rename(raw_company / "away")
    document = open_incident(workspace, Asked(hosts=["10.40.9.9"]), now=now, by="aiko")
    states = {one.sensor: one.state for one in document.evidence}
    assert states == {"jp-edge": "preserved", "th-edge": "gone"}
    (raw_company / "away").rename(log)
    again = preserve_again(workspace, document.id, now=now, by="ken")
    assert {one.state for one in again.evidence} == {"preserved"}
    (entry,) = entries(workspace, 1)
    assert (entry.by, len(entry.body["files"])) == ("ken", 1), "what is preserved is not copied again"


def test_what_lies_behind_its_paths_is_held_and_preserved_too(
    workspace: Workspace, now: datetime
) -> None:
    document = open_incident(workspace, Asked(hosts=["10.1.10.96"]), now=now, by="aiko")
    kept_days = set(held(workspace))
    after = preserve_again(workspace, document.id, now=now, by="ken", paths=True)
    assert after.actions[-1].text == "held evidence: 1 connection of its paths, 4 days"
    assert [entry.kind for entry in entries(workspace, 1)] == ["incident.hold"], "copied already"
    assert set(held(workspace)) == kept_days
    nothing = open_incident(workspace, Asked(hosts=["10.1.10.97"]), now=now, by="aiko")
    again = preserve_again(workspace, nothing.id, now=now, by="ken", paths=True)
    assert [action.kind for action in again.actions] == ["open"], "an attempt is no path"


def test_a_kill_before_the_copies_leaves_them_to_be_made(
    workspace: Workspace, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(opening, "preserve", killed)
        with pytest.raises(KeyboardInterrupt):
            open_incident(workspace, Asked(hosts=["10.40.9.9"]), now=now, by="aiko")
    assert shown(workspace, "1", now=now).evidence == ()
    assert held(workspace)
    assert len(preserve_again(workspace, "1", now=now, by="aiko").evidence) == 2


def test_reopening_holds_what_was_released(workspace: Workspace, opened: str, now: datetime) -> None:
    before = held(workspace)
    assert not close(workspace, opened, now=now, by="aiko", why="over", release=True).held
    assert held(workspace) == {}
    document = reopen(workspace, opened, now=now, by="aiko", why="not over")
    assert (document.status, document.held) == ("open", True)
    assert held(workspace) == before


def test_a_kill_while_reopening_leaves_it_closed_and_to_be_reopened(
    workspace: Workspace, opened: str, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    close(workspace, opened, now=now, by="aiko", why="over", release=True)

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Lake, "hold", killed)
        with pytest.raises(KeyboardInterrupt):
            reopen(workspace, opened, now=now, by="aiko", why="not over")
    assert shown(workspace, opened, now=now).status == "closed"
    assert reopen(workspace, opened, now=now, by="aiko", why="not over").held
    assert held(workspace)
    with pytest.raises(RequestError, match="is open already"):
        reopen(workspace, opened, now=now, by="aiko", why="not over")
