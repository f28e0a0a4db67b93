from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

from sekisho.app.checking.deciding import decide
from sekisho.app.checking.intake import take_in
from sekisho.app.checking.reporting import report
from sekisho.app.workspace import Workspace

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def test_what_was_found_and_what_is_left(workspace: Workspace, listed: Path, tmp_path: Path) -> None:
    log = tmp_path / "results.log"
    rows = [{"name": "x", "path": r"C:\Users\Public\x.exe"}]
    log.write_text(json.dumps({"name": "services", "hostIdentifier": "jp-pc1", "snapshot": rows}))
    take_in(workspace, [listed, log], now=NOW, by="ken")
    decide(workspace, "th-plc", "exclude", now=NOW, by="ken", why="runs")
    found = report(workspace, now=NOW)
    assert [(f.hostname, f.site, f.check) for f in found.findings] == [
        ("jp-pc1-new", "jp-hq", "services")
    ]
    assert [(t.hostname, t.state) for t in found.left] == [("lost", "never_enrolled")]
    assert [t.hostname for t in found.excluded] == ["th-plc"]
    assert [(c.country, c.terminals, c.checked) for c in found.countries] == [
        ("JP", 1, 1),
        ("TH", 1, 0),
        (None, 1, 0),
    ]
    assert [(d.day, d.checked) for d in found.trend] == [("2026-03-01", 1)]
    assert (found.progress.answered, found.progress.left) == (1, 1)
    assert sum(found.states.values()) == found.terminals == 3
