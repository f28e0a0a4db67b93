from __future__ import annotations

import threading
from pathlib import Path

import pytest

from sekisho.app import workspace as workspaces
from sekisho.app.collect import collect, collect_settings, collect_status
from sekisho.app.collecting.status import STATUS, CollectStatus, write_status
from sekisho.app.workspace import Workspace
from sekisho.errors import RequestError


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """With one sensor, this host."""
    made = workspaces.init(tmp_path / "acme").workspace
    sensor = "sensors:\n  edge: {site: a, address: 127.0.0.1}\n"
    (made.root / "sites.yaml").write_text(f"sites:\n  a: {{prefixes: [10.1.0.0/16]}}\n{sensor}")
    (made.root / "sekisho.toml").write_text('[collect]\nflows = "127.0.0.1:0"\ncommit_seconds = 0.5\n')
    return made


def test_what_is_given_stands_for_the_settings(workspace: Workspace) -> None:
    assert collect_settings(workspace).flows == "127.0.0.1:0"
    changed = collect_settings(workspace, flows="127.0.0.1:1", syslog_udp=None)
    assert (changed.flows, changed.syslog_udp, changed.commit_seconds) == ("127.0.0.1:1", "", 0.5)
    with pytest.raises(RequestError, match="no place to listen"):
        collect_settings(workspace, flows="x")


def test_started_and_stopped_at_once(workspace: Workspace) -> None:
    stop, told = threading.Event(), list[CollectStatus]()
    stop.set()
    assert collect_status(workspace) is None
    collect(workspace, collect_settings(workspace), stop=stop, tell=told.append)
    assert [one.state for one in told] == ["stopping", "stopped"]
    assert collect_status(workspace) == told[-1]


def test_one_that_was_killed_is_no_more(workspace: Workspace) -> None:
    workspace.journal.mkdir()
    write_status(workspace.journal, CollectStatus(2**22 + 1, "collecting", 1, 2))
    found = collect_status(workspace)
    assert found is not None
    assert found.state == "stopped"
    assert "stays in the journal" in found.trouble[0]


def test_a_file_that_is_none_of_ours(workspace: Workspace) -> None:
    workspace.journal.mkdir()
    (workspace.journal / STATUS).write_text("{}")
    with pytest.raises(RequestError, match="no status"):
        collect_status(workspace)
