from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pytest

from sekisho.app.checking.campaigning import Asking, begin
from sekisho.app.checking.intake import take_in
from sekisho.app.checking.rehunting import rehunt
from sekisho.app.checking.standing import shown
from sekisho.app.decisions import open_decisions
from sekisho.app.hunting.refreshing import refresh
from sekisho.app.workspace import Workspace
from sekisho.errors import RequestError
from sekisho.model.nodes import Lot
from sekisho.store.layout import Layout
from sekisho.store.results import SCHEMA, write

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def served(
    workspace: Workspace, at: datetime, host: str, name: str, *rows: dict[str, str] | None
) -> None:
    """What the service took of a terminal."""
    layout = Layout(workspace.lake)
    line = {"received": at, "node": 1, "hostname": host, "uuid": "", "source": "distributed"}
    line |= {"campaign": 0, "name": name, "status": 0, "message": "", "row": 0}
    made = [line | {"columns": None if row is None else list(row.items())} for row in rows]
    table = pa.Table.from_pylist(made, SCHEMA)
    path = write(layout.root, layout.results, table, at)
    with open_decisions(workspace) as decisions:
        lots = [Lot(path, len(rows), at)]
        decisions.state.nodes().settle(judged=(), held=(), answers=(), lots=lots, now=at)


def feed(workspace: Workspace, *values: str, confidence: int = 90) -> None:
    (workspace.root / "values.txt").write_text("\n".join(values) + "\n")
    (workspace.root / "intel.yaml").write_text(
        "feeds:\n  mine: {kind: list, path: values.txt, licence: CC0,"
        f" confidence: {confidence}, tlp: green}}\n"
    )
    refresh(workspace, (), now=NOW)


@pytest.fixture
def fleet(workspace: Workspace, listed: Path) -> Workspace:
    take_in(workspace, [listed], now=NOW, by="ken")
    served(workspace, NOW, "th-plc", "dns_cache", {"name": "www.bad.example"}, {"name": "good.example"})
    served(workspace, NOW, "th-plc", "uptime", {"name": "www.bad.example"}, None)
    served(workspace, NOW, "stranger", "q_dns_cache", {"name": "bad.example"})
    return workspace


def test_what_a_feed_names_later_is_found_in_what_came_before(fleet: Workspace) -> None:
    with pytest.raises(RequestError, match="no indicators"):
        rehunt(fleet, now=NOW)
    feed(fleet, "other.example")
    assert rehunt(fleet, now=NOW).found == ()
    feed(fleet, "bad.example")
    later = NOW + timedelta(days=2)
    found = rehunt(fleet, now=later)
    assert (found.files, found.rows, found.new) == (3, 3, 1)
    assert [(one.hostname, one.terminal is None, one.new) for one in found.found] == [
        ("stranger", True, False),
        ("th-plc", False, True),
    ]
    one = shown(fleet, "th-plc", now=later)
    assert one.terminal.state == "checked_findings"
    assert [(a.check, a.at, a.file) for a in one.answers] == [("indicators", later, "looked again")]
    # Believed less, it is the same; and once found it is no news.
    feed(fleet, "bad.example", confidence=50)
    assert rehunt(fleet, now=later).new == 0
    assert shown(fleet, "th-plc", now=later).answers == one.answers


def test_only_since_then_and_for_the_latest_campaign(fleet: Workspace) -> None:
    feed(fleet, "bad.example")
    later = NOW + timedelta(days=2)
    begin(fleet, "c", ["indicators"], Asking(), now=later, by="ken", why="all")
    assert rehunt(fleet, now=later, begin=NOW + timedelta(days=1)).files == 0
    # It was so before the campaign: told, and no answer to it.
    assert rehunt(fleet, now=later).new == 1
    assert shown(fleet, "th-plc", now=later).answers == ()


def test_a_file_that_is_gone_is_told(fleet: Workspace) -> None:
    feed(fleet, "bad.example")
    for path in Layout(fleet.lake).results.rglob("*.parquet"):
        path.unlink()
    found = rehunt(fleet, now=NOW)
    assert len([note for note in found.notes if "not there any more" in note]) == 3
    assert "nothing found says nothing" in found.notes[-1]
