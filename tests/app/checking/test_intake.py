from __future__ import annotations

import json
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.sources.event_logs import event, event_log

from sekisho.app.checking.intake import take_in
from sekisho.app.checking.standing import shown
from sekisho.app.decisions import open_decisions
from sekisho.app.wiring import open_lake
from sekisho.app.workspace import Workspace
from sekisho.errors import RequestError

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def test_a_list_is_taken_in_once(workspace: Workspace, listed: Path) -> None:
    first = take_in(workspace, [listed], now=NOW, by="ken")
    assert (first.terminals, first.new, first.merged) == (3, 3, 1)
    assert (first.files[0].read, first.files[0].aside) == (4, 1)
    assert first.files[0].problems[0].startswith(f"{listed}:4: hostname is no name")
    again = take_in(workspace, [listed], now=NOW, by="ken")
    assert (again.terminals, again.new, again.files[0].again) == (3, 0, True)
    with open_decisions(workspace) as decisions:
        kinds = [e.kind for e in decisions.ledger.entries() if e.kind.startswith("fleet.")]
    assert kinds == ["fleet.import"]


def test_a_folder_is_looked_through_but_not_its_links(
    workspace: Workspace, listed: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "lists" / "deep"
    folder.mkdir(parents=True)
    (folder / "a.csv").write_bytes(listed.read_bytes())
    (folder / "passwd.csv").symlink_to("/etc/passwd")
    (folder / "b.csv").write_text("Entry,Path\n1,x\n")
    (folder / "empty.txt").touch()
    (folder / "picture.png").write_bytes(b"\x89PNG")
    found = take_in(workspace, [tmp_path / "lists"], now=NOW, by="ken")
    assert [(Path(f.file).name, f.kind) for f in found.files] == [
        ("a.csv", "csv"),
        ("b.csv", "refused"),
        ("empty.txt", "refused"),
    ]
    assert "no column holds the names" in found.files[1].problems[0]
    assert "has no header" in found.files[2].problems[0]
    assert found.passed_over == 1
    alone = take_in(workspace, [folder / "picture.png"], now=NOW, by="ken")
    assert (alone.files[0].kind, alone.files[0].aside) == ("unknown", 1)
    assert found.terminals == 3


def test_what_is_not_there_is_told(workspace: Workspace) -> None:
    with pytest.raises(RequestError, match="not there"):
        take_in(workspace, [Path("/nowhere.csv")], now=NOW, by="ken")


def osquery(table: str, rows: list[dict[str, str]], host: str = "th-plc") -> str:
    record = {"name": f"pack/x/{table}", "hostIdentifier": host, "unixTime": 1_772_323_000}
    return json.dumps({**record, "action": "snapshot", "snapshot": rows}) + "\n"


def test_what_was_collected_moves_the_state_once(
    workspace: Workspace, listed: Path, tmp_path: Path
) -> None:
    take_in(workspace, [listed], now=NOW, by="ken")
    log = tmp_path / "osqueryd.results.log"
    log.write_text(osquery("startup_items", []) + "{broken\n" + osquery("programs", [], "stranger"))
    found = take_in(workspace, [log], now=NOW, by="ken")
    assert (found.files[0].kind, found.files[0].read, found.files[0].aside) == ("osquery", 2, 1)
    assert found.files[0].problems == (f"{log}:2: is no JSON",)
    assert (found.terminals, found.new, found.strangers) == (3, 0, ("stranger",))
    assert shown(workspace, "th-plc", now=NOW).terminal.state == "in_progress"
    # The log has grown: what it said before is the same answer.
    log.write_text(
        log.read_text() + osquery("services", [{"name": "x", "path": r"C:\Users\Public\x.exe"}])
    )
    take_in(workspace, [log], now=NOW, by="ken")
    document = shown(workspace, "th-plc", now=NOW)
    assert document.terminal.state == "checked_findings"
    assert [a.check for a in document.answers] == ["services", "startup"]


def test_a_collection_of_velociraptor_and_a_zip_that_is_none(
    workspace: Workspace, listed: Path, tmp_path: Path
) -> None:
    take_in(workspace, [listed], now=NOW, by="ken")
    good, bad = tmp_path / "Collection-th-plc.zip", tmp_path / "other.zip"
    with zipfile.ZipFile(good, "w") as archive:
        archive.writestr("client_info.json", '{"Hostname": "th-plc"}')
        archive.writestr("results/Windows.Sys.Programs.json", '{"DisplayName": "AnyDesk"}\n')
    with zipfile.ZipFile(bad, "w") as archive:
        archive.writestr("x", "y")
    found = take_in(workspace, [good, bad], now=NOW, by="ken")
    assert [(f.kind, f.aside) for f in found.files] == [("velociraptor", 0), ("unknown", 1)]
    assert shown(workspace, "th-plc", now=NOW).answers[0].findings == ("anydesk is installed: AnyDesk",)


def test_events_of_logs_lie_in_the_lake_once(workspace: Workspace, tmp_path: Path) -> None:
    lines = tmp_path / "events.ndjson"
    one = {"EventID": 1, "Hostname": "PC-1", "Channel": "Sysmon", "EventTime": "2020-06-11T01:00:00Z"}
    lines.write_text(json.dumps(one) + "\n" + json.dumps({**one, "CommandLine": "x"}) + "\n[]\n")
    document = take_in(workspace, [lines], now=NOW, by="anna")
    assert (document.files[0].kind, document.files[0].aside) == ("events", 1)
    assert "2 events are kept" in document.files[0].notes[0]
    assert take_in(workspace, [lines], now=NOW, by="anna").files[0].again
    with open_lake(workspace) as lake:
        (file,) = lake.events.files().to_pylist()
        assert (file["rows"], file["unread"], file["name"]) == (2, 1, "events.ndjson")


def test_logs_within_a_collection_are_its_machines_and_broken_records_are_counted(
    workspace: Workspace, tmp_path: Path
) -> None:
    whole = event_log([event(4688, 1), event(4688, 2, data={"CommandLine": "x"})])
    broken = bytearray(event_log([event(104, 1), event(104, 2)]))
    broken[4096 + 600 : 4096 + 700] = b"\xff" * 100
    name = "uploads/auto/C%3A/Windows/System32/winevt/Logs"
    with zipfile.ZipFile(tmp_path / "Collection-pc1.zip", "w") as archive:
        archive.writestr(
            "client_info.json", json.dumps({"Hostname": "pc1", "Fqdn": "pc1.corp.example"})
        )
        archive.writestr(f"{name}/Security.evtx", whole)
        archive.writestr(f"{name}/System.evtx", bytes(broken))
    document = take_in(workspace, [tmp_path / "Collection-pc1.zip"], now=NOW, by="anna")
    assert any("events are kept" in note for note in document.files[0].notes)
    with open_lake(workspace) as lake:
        files = {row["name"].rpartition("/")[2]: row for row in lake.events.files().to_pylist()}
    assert files["Security.evtx"]["rows"] == 2
    assert json.loads(files["Security.evtx"]["owner"])["hostname"] == "pc1.corp.example"
    assert files["Security.evtx"]["within"] == "Collection-pc1.zip"
    assert files["System.evtx"]["unread"] >= 1
    assert files["System.evtx"]["why"].startswith("record ")


def test_a_list_that_was_read_by_wrong_columns_is_read_anew(
    workspace: Workspace, tmp_path: Path
) -> None:
    path = tmp_path / "cmdb.csv"
    path.write_text("label,name\njp-pc7,Reception\n")
    take_in(workspace, [path], now=NOW, by="ken")
    later = NOW + timedelta(days=1)
    columns = {"hostname": "label"}
    assert take_in(workspace, [path], now=later, by="ken", columns=columns).new == 0
    again = take_in(workspace, [path], now=later, by="ken", columns=columns, again=True)
    assert (again.new, again.terminals) == (1, 2)
    with open_decisions(workspace) as decisions:
        rows = {s.sighting.hostname: (s.first, s.last) for s in decisions.state.fleet().sightings()}
    # It says what it said when it came, and is no newer for being read again.
    assert rows == {"Reception": (NOW, NOW), "jp-pc7": (NOW, NOW)}
