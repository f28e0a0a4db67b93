from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sekisho.app.checking.campaigning import Asking, begin, find, turn
from sekisho.app.checking.campaigns import listed as every
from sekisho.app.checking.campaigns import shown
from sekisho.app.checking.intake import take_in
from sekisho.app.checking.reporting import report
from sekisho.app.checking.standing import status
from sekisho.app.decisions import open_decisions
from sekisho.app.workspace import Workspace
from sekisho.model.campaigns import Asked, Settled
from sekisho.state.campaigns import put
from sekisho.state.engine import connect, writing

NOW = datetime(2026, 3, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)


def test_a_campaign_is_told_with_its_stages_turns_and_troubles(workspace: Workspace) -> None:
    begin(workspace, "march", ("rdp",), Asking(), now=NOW, by="ken", why="INC-3")
    with open_decisions(workspace) as decisions:
        seq = find(decisions, "march").seq
    bad = Asked(0, {"c_rdp": 1}, NOW, {"c_rdp": Settled("denylisted", NOW, "it said so")}, done=True)
    engine = connect(workspace.state, 5)
    with writing(engine) as connection:
        put(connection, {(seq, "1"): (bad, True), (seq, "2"): (Asked(0, {"c_rdp": 1}, NOW), False)})
    engine.dispose()
    found = shown(workspace, "march", now=NOW)
    first = found.campaign.stages[0]
    assert (first.share, first.asked, first.done, first.failed) == (0.01, 2, 1, 1)
    assert (first.denylisted, first.heavy) == (1, 1)
    assert (found.campaign.state, found.campaign.stage) == ("running", 1)
    assert found.waits is not None
    assert [(t.question, t.fate, t.reason) for t in found.troubled] == [
        ("rdp", "denylisted", "it said so")
    ]
    turn(workspace, "march", "pause", now=NOW, by="aya", why="calls from the plant")
    assert [(t.action, t.by) for t in shown(workspace, "march", now=NOW).turns] == [("pause", "aya")]
    for document in (status(workspace, now=NOW).campaign, report(workspace, now=NOW).campaign):
        assert (document.state, document.turned, document.turned_by) == (
            "paused",
            "calls from the plant",
            "aya",
        )


def test_one_of_other_sites_leaves_a_sites_terminals_as_they_stand(
    workspace: Workspace, listed: Path, tmp_path: Path
) -> None:
    log = tmp_path / "results.log"
    log.write_text(
        json.dumps({"name": "services", "hostIdentifier": "jp-pc1", "snapshot": [{"name": "x"}]})
    )
    begin(workspace, "march", ("services",), Asking(), now=NOW, by="ken", why="INC-3")
    take_in(workspace, [listed, log], now=NOW, by="ken")
    asking = Asking(sites=("th-plant",))
    begin(workspace, "april", ("services",), asking, now=NOW + HOUR, by="ken", why="INC-4")
    states = status(workspace, now=NOW + HOUR).states
    assert states["checked_clean"] == 1


def test_one_that_only_asks_does_not_say_how_terminals_stand(workspace: Workspace) -> None:
    begin(workspace, "march", ("rdp",), Asking(), now=NOW, by="ken", why="INC-3")
    begin(workspace, "hunt", (), Asking({"up": "SELECT 1"}), now=NOW, by="ken", why="a hunch")
    assert [c.name for c in every(workspace, now=NOW).campaigns] == ["hunt", "march"]
    assert status(workspace, now=NOW).campaign.name == "march"
