from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from sekisho.app.checking.campaigning import Asking, begin
from sekisho.app.checking.intake import take_in
from sekisho.app.checking.standing import shown, status
from sekisho.app.decisions import open_decisions
from sekisho.app.workspace import Workspace
from sekisho.errors import RequestError
from sekisho.fleet.campaigns.asking import Live, Seen, queries_for
from sekisho.fleet.campaigns.course import course
from sekisho.fleet.campaigns.questions import questions
from sekisho.model.fleet import TerminalDocument
from sekisho.model.nodes import Enrolling
from sekisho.model.terminals import SERVED, STATES, CheckAnswer, Sighting
from sekisho.state.campaigns import put

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def test_every_terminal_is_in_one_state(workspace: Workspace, listed: Path) -> None:
    take_in(workspace, [listed], now=NOW, by="ken")
    found = status(workspace, now=NOW, state="never_enrolled")
    assert tuple(found.states) == STATES
    assert (found.terminals, found.states["never_enrolled"], sum(found.states.values())) == (3, 3, 3)
    assert [(s.site, s.country, s.terminals) for s in found.sites] == [
        ("jp-hq", "JP", 1),
        ("th-plant", "TH", 1),
        (None, None, 1),
    ]
    assert {t.hostname for t in found.listed} == {"jp-pc1-new", "lost", "th-plc"}
    assert status(workspace, now=NOW, site="jp-hq").terminals == 1
    with pytest.raises(RequestError, match="no site mars"):
        status(workspace, now=NOW, site="mars")


def test_one_terminal_tells_what_was_merged(workspace: Workspace, listed: Path) -> None:
    take_in(workspace, [listed], now=NOW, by="ken")
    found = shown(workspace, "jp-pc1", now=NOW)
    assert found.names == ("jp-pc1-new", "jp-pc1")
    assert [(j.file, j.why) for j in found.joined] == [("inv.csv", "same by the hardware UUID")]
    assert shown(workspace, "10.40.3.3", now=NOW).terminal.hostname == "th-plc"
    with pytest.raises(RequestError, match="no terminal"):
        shown(workspace, "nobody", now=NOW)


def test_nothing_imported_is_said(workspace: Workspace) -> None:
    found = status(workspace, now=NOW)
    assert (found.terminals, sum(found.states.values())) == (0, 0)
    assert "fleet import" in found.notes[0]


def enrolled_as(workspace: Workspace, tmp_path: Path, os: str, platform: str) -> TerminalDocument:
    """A terminal that the inventory has with an operating system, and that enrolled as a platform: one check
    was clean."""
    inventory = tmp_path / "one.csv"
    inventory.write_text(f"hostname,address,os\njp-pc1,10.1.5.6,{os}\n")
    take_in(workspace, [inventory], now=NOW, by="ken")
    begin(workspace, "c", ("services", "startup"), Asking(ramp=(1.0,)), now=NOW, by="ken", why="w")
    with open_decisions(workspace) as decisions:
        campaign = decisions.state.fleet().campaigns()[-1]
        live = Live(campaign, course(campaign, (), NOW), questions(campaign))
        with decisions.state.nodes().batch() as batch:
            one = Enrolling("a", Sighting("jp-pc1"), "jp-pc1", "5", "10.1.5.6", "s", "k", platform)
            batch.enrol([(one, "S-1")], {}, NOW, 9)
            caller = batch.callers(["k"])[0]["k"]
            out = queries_for([live], Seen("1", caller.who, platform=caller.platform), {}, NOW)
            put(batch.connection, {(seq, "1"): (asked, False) for seq, asked in out.changed.items()})
        clean = CheckAnswer("clean", SERVED, caller.who, "startup", "clean", NOW)
        decisions.state.fleet().add([*out.answers, clean])
    return shown(workspace, "jp-pc1", now=NOW)


def test_a_check_that_does_not_apply_is_shown_as_that(workspace: Workspace, tmp_path: Path) -> None:
    found = enrolled_as(workspace, tmp_path, "Ubuntu 22.04", "linux")
    assert found.terminal.state == "checked_clean"
    assert found.terminal.why.endswith("; 1 not applicable to linux")
    told = {a.check: (a.outcome, a.reason) for a in found.answers}
    why = "it is linux, and this is asked of windows"
    assert told == {"services": ("not_applicable", why), "startup": ("clean", None)}
    assert [(a.question, a.handed, a.fate, a.reason) for a in found.attempts if a.fate] == [
        ("services", 0, "not_applicable", why)
    ]
    assert [n.platform for n in found.nodes] == ["linux"]


def test_a_platform_that_the_inventory_contradicts_excuses_nothing(
    workspace: Workspace, tmp_path: Path
) -> None:
    found = enrolled_as(workspace, tmp_path, "Windows 11 Enterprise", "linux")
    assert found.terminal.state == "in_progress"
    assert "others say otherwise" in found.terminal.why
