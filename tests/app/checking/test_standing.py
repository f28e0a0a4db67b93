from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from sekisho.app.checking.intake import take_in
from sekisho.app.checking.standing import shown, status
from sekisho.app.workspace import Workspace
from sekisho.errors import RequestError
from sekisho.model.terminals import STATES

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
