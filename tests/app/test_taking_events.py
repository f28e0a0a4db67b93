"""Events that come by ingest: kept once, whichever way their log comes, and asked by rules."""

from __future__ import annotations

import gzip
import json
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML
from tests.fleet.sigma.conftest import event, rule
from tests.sources import event_logs

from sekisho.app.checking import intake
from sekisho.app.checking.sigma import run
from sekisho.app.ingest import IngestSummary, ingest
from sekisho.app.store import stats
from sekisho.app.wiring import open_lake
from sekisho.app.workspace import Workspace
from sekisho.sources.lines import LINE_LIMIT

NOW = datetime(2024, 4, 1, tzinfo=UTC)
SITES = {
    "sites": {
        "jp-hq": {
            "name": "HQ",
            "country": "JP",
            "timezone": "Asia/Tokyo",
            "owner": "it",
            "prefixes": ["10.1.0.0/16"],
        }
    },
    "sensors": {"hosts": {"site": "jp-hq", "kind": "windows", "sees": ["inside"]}},
}


@pytest.fixture
def bare(tmp_path: Path) -> Workspace:
    root = tmp_path / "ws"
    root.mkdir()
    (root / "sekisho.toml").write_text("")
    with (root / "sites.yaml").open("w") as stream:
        YAML().dump(SITES, stream)
    return Workspace(root)


def _log(path: Path) -> Path:
    record = event_logs.event(4688, 7, "2024-03-01T00:00:00Z", data={"NewProcessName": "C:\\evil.exe"})
    path.write_bytes(event_logs.event_log([record]))
    return path


def _take(workspace: Workspace, *paths: Path, sensor: str = "hosts") -> IngestSummary:
    return ingest(workspace, paths, sensor=sensor, reader=None, now=NOW)


def _import(workspace: Workspace, *paths: Path, **more: Any) -> Any:
    return intake.take_in(workspace, paths, now=NOW, by="aiko", **more)


def _rules(folder: Path) -> Path:
    folder.mkdir(exist_ok=True)
    body = rule({"a": {"Image|endswith": "\\evil.exe"}, "condition": "a"}, level="high")
    with (folder / "evil.yml").open("w") as stream:
        YAML().dump(body, stream)
    return folder


def test_rules_are_asked_of_logs_that_were_ingested(bare: Workspace, tmp_path: Path) -> None:
    summary = _take(bare, _log(tmp_path / "Security.evtx"))
    assert (summary.events, stats(bare).events) == (1, 1)
    assert "1 computer is in no inventory: PC1.corp.example" in summary.notes[0]
    found = run(bare, now=NOW, by="aiko", folder=_rules(tmp_path / "rules"))
    assert [(one.hostname, one.terminal, one.events) for one in found.findings] == [
        ("PC1.corp.example", None, 1)
    ]
    # With the inventory the same finding is that terminal's.
    register = tmp_path / "t.csv"
    register.write_text("hostname,site\nPC1.corp.example,jp-hq\n")
    _import(bare, register)
    again = run(bare, now=NOW, by="aiko", folder=tmp_path / "rules")
    assert [one.site for one in again.findings] == ["jp-hq"]
    assert _take(bare, _log(tmp_path / "Security.evtx")).notes == ()


@pytest.mark.parametrize("first", ["ingest", "import"])
@pytest.mark.parametrize("packed", [False, True])
def test_a_log_that_comes_both_ways_counts_once(
    bare: Workspace, tmp_path: Path, first: str, packed: bool
) -> None:
    log = _log(tmp_path / "Security.evtx")
    other = log
    if packed:
        other = tmp_path / "Collection-PC1.zip"
        with zipfile.ZipFile(other, "w") as archive:
            archive.write(log, "uploads/auto/C%3A/Windows/System32/winevt/Logs/Security.evtx")
            archive.writestr("client_info.json", json.dumps({"Hostname": "PC1.corp.example"}))
    if first == "ingest":
        assert _take(bare, log).events == 1
        _import(bare, other)
    else:
        _import(bare, other)
        summary = _take(bare, log)
        assert summary.events == 0
        assert "taken in before" in summary.files[0].notes[0]
    assert stats(bare).events == 1
    found = run(bare, now=NOW, by="aiko", folder=_rules(tmp_path / "rules"))
    assert [(one.events, len(one.evidence)) for one in found.findings] == [(1, 1)]
    assert found.events == 1


def _line(record: int | None, **more: Any) -> str:
    return json.dumps(event({"Image": "C:\\evil.exe"}, record=record, **more)) + "\n"


def test_a_log_of_lines_that_grows_goes_on(bare: Workspace, tmp_path: Path) -> None:
    log = tmp_path / "events.json"
    # Without numbers of records nothing but the place tells events apart; the last line has no end yet.
    log.write_text(_line(None) + _line(None).rstrip("\n"))
    assert _take(bare, log).events == 2
    log.write_text(log.read_text() + "\n" + _line(None) + "rubbish\n")
    assert _take(bare, log).events == 1
    assert _take(bare, log).events == 0
    assert stats(bare).events == 3
    found = run(bare, now=NOW, by="aiko", folder=_rules(tmp_path / "rules"))
    assert [one.events for one in found.findings] == [3]
    assert found.unread == 1
    whole = tmp_path / "copy.json"
    whole.write_bytes(log.read_bytes())
    _import(bare, whole)
    assert stats(bare).events == 3


def test_half_a_line_is_read_when_it_is_whole(bare: Workspace, tmp_path: Path) -> None:
    log = tmp_path / "events.json"
    missing = []
    for text, events in (
        (_line(1) + "rubbish\n" + _line(2)[:40], 1),
        (_line(1) + "rubbish\n" + _line(2) + "rubbish\n", 1),
        (_line(1) + "rubbish\n" + _line(2) + "rubbish\n" + _line(3), 1),
    ):
        log.write_text(text)
        assert _take(bare, log).events == events
        with open_lake(bare) as lake:
            missing.append(lake.events.files()["unread"].to_pylist())
    assert stats(bare).events == 3
    # What is whole by now is not missing any more; what was no record stays none.
    assert missing == [[2], [1, 1], [1, 1, 0]]


def test_a_log_that_sensors_share_is_taken_whole_and_once(tmp_path: Path) -> None:
    root = tmp_path / "ws"
    root.mkdir()
    (root / "sekisho.toml").write_text("")
    sensors = {
        name: {
            "site": "jp-hq",
            "kind": "windows",
            "sees": ["inside"],
            "paths": ["logs/*"],
            "match": {"Computer": name},
        }
        for name in ("pc-a", "pc-b")
    }
    with (root / "sites.yaml").open("w") as stream:
        YAML().dump(SITES | {"sensors": sensors}, stream)
    (root / "logs").mkdir()
    log = root / "logs" / "events.json"
    log.write_text("".join(_line(n, host=host) for n, host in enumerate(("pc-a", "pc-b", "pc-c"), 1)))
    summary = ingest(Workspace(root), [log], sensor=None, reader=None, now=NOW)
    assert [(one.sensor, one.events) for one in summary.files] == [("pc-a", 3), ("pc-b", 0)]
    assert summary.hosts == {"pc-a", "pc-b", "pc-c"}
    assert stats(Workspace(root)).events == 3


def test_what_is_no_whole_log_is_said_where_rules_find_nothing(bare: Workspace, tmp_path: Path) -> None:
    log = _log(tmp_path / "Security.evtx")
    log.write_bytes(log.read_bytes()[:-1000])
    summary = _take(bare, log)
    assert [one.outcome for one in summary.files] == ["partly"]
    clean = tmp_path / "rules"
    clean.mkdir()
    body = rule({"a": {"Image": "nothing"}, "condition": "a"}, level="high")
    with (clean / "none.yml").open("w") as stream:
        YAML().dump(body, stream)
    found = run(bare, now=NOW, by="aiko", folder=clean)
    assert found.unread == 1
    assert [one.outcome for one in found.terminals] == ["failed"] * len(found.terminals)


@pytest.mark.parametrize("wrong", ["cut off", "too long"])
def test_lines_that_are_not_read_are_missing_from_the_log(
    bare: Workspace, tmp_path: Path, wrong: str
) -> None:
    log = tmp_path / "events.json.gz"
    whole = gzip.compress(
        (_line(1) * 9 + ("x" * 2 * LINE_LIMIT + "\n" if wrong == "too long" else "")).encode()
    )
    log.write_bytes(whole if wrong == "too long" else whole[:-9])
    assert _take(bare, log).events > 0
    with open_lake(bare) as lake:
        (file,) = lake.events.files().to_pylist()
    assert file["unread"] == 1
    assert file["why"].startswith("record ")
