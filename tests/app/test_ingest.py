from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest

from sekisho.app.ingest import Ingest, IngestSummary, ingest
from sekisho.app.sharing import sensors_of
from sekisho.app.store import stats
from sekisho.app.wiring import open_lake, read_inventory
from sekisho.app.workspace import Workspace
from sekisho.errors import RequestError
from sekisho.model.sites import Sensor
from sekisho.sources import files


def take(workspace: Workspace, now: datetime, *paths: Path) -> IngestSummary:
    return ingest(
        workspace, list(paths) or [workspace.root / "logs"], sensor=None, reader=None, now=now
    )


def outcomes(summary: IngestSummary) -> list[tuple[str, str, int]]:
    return [(one.sensor, one.outcome, one.rows) for one in summary.files]


def test_taken_once_whatever_it_is_called(raw: Workspace, now: datetime) -> None:
    assert outcomes(take(raw, now)) == [("jp-edge", "taken", 152), ("th-edge", "taken", 154)]
    log = raw.root / "logs" / "th-edge" / "conn.log"
    (log.parent / "again.log.gz").write_bytes(gzip.compress(log.read_bytes()))
    assert [one.outcome for one in take(raw, now).files] == ["known"] * 3
    assert stats(raw).flows == 306


def test_a_grown_log_goes_on(raw: Workspace, now: datetime, zeek_conn: Callable[..., str]) -> None:
    take(raw, now)
    log = raw.root / "logs" / "th-edge" / "conn.log"
    with log.open("a") as file:
        file.write(zeek_conn(1_591_400_000, "Cnew", "10.40.3.3", 1, "10.1.30.3", 22))
    assert outcomes(take(raw, now, log)) == [("th-edge", "grown", 1)]
    assert stats(raw).flows == 307


def test_what_cannot_be_read_is_listed_and_the_rest_kept(raw: Workspace, now: datetime) -> None:
    log = raw.root / "logs" / "th-edge" / "conn.log"
    with log.open("a") as file:
        file.write("rubbish\tline\n")
    (log.parent / "notes.txt").write_text("no log at all\n" * 9)
    summary = take(raw, now)
    assert [(Path(one.path).name, one.outcome, one.rejected) for one in summary.unread] == [
        ("conn.log", "partly", 1),
        ("notes.txt", "set_aside", 0),
    ]
    assert "readers:" in summary.unread[1].notes[0]
    assert summary.rows == 306


def test_a_sensor_is_told_never_made_up(tmp_path: Path) -> None:
    sensors = {
        "a": Sensor(name="a", site="s", paths=("in/a-*.log",)),
        "b": Sensor(name="b", site="s", paths=("in/*-b.log",)),
    }

    def names(path: str, named: str | None = None) -> list[str]:
        return [one.name for one in sensors_of(tmp_path / path, tmp_path, sensors, named)]

    assert names("in/a-1.log") == ["a"]
    assert names("logs/b/deep/x.log") == ["b"]
    assert names("anywhere.log", "b") == ["b"]
    assert names("in/a-1.log", "b") == ["b"], "what the person says comes first"
    stored = {"c": Sensor(name="c", site="s", paths=("s3://flows/*/vpc/*",)), **sensors}
    assert sensors_of("s3://flows/1/vpc/x.gz", tmp_path, stored, None) == (stored["c"],)
    assert sensors_of("s3://other/logs/b/x.gz", tmp_path, stored, None) == (stored["b"],)
    with pytest.raises(RequestError, match="which sensor wrote it"):
        sensors_of("s3://other/x.gz", tmp_path, stored, None)
    with pytest.raises(RequestError, match="no sensor is called 'c'") as unknown:
        names("x.log", "c")
    assert "a, b" in unknown.value.mend
    with pytest.raises(RequestError, match="several sensors match"):
        names("in/a-b.log")
    for path in ("in/x.log", "logs/x.log", "logs/other/a.log"):
        with pytest.raises(RequestError, match="which sensor wrote it"):
            names(path)


def test_one_file_nobody_can_place_stops_all_before_anything_is_read(
    raw: Workspace, now: datetime
) -> None:
    (raw.root / "logs" / "stray.log").write_text("x")
    with pytest.raises(RequestError, match="stray"):
        take(raw, now)
    assert stats(raw).flows == 0
    with pytest.raises(RequestError, match="no such file"):
        take(raw, now, raw.root / "gone")
    (raw.root / "empty").mkdir()
    with pytest.raises(RequestError, match="nothing to read"):
        take(raw, now, raw.root / "empty")


def test_only_what_is_durable_is_reported(raw: Workspace, now: datetime) -> None:
    """The second file stops the run: the first was made to count before, and is told."""
    mapping = raw.root / "bad.yaml"
    mapping.write_text("columns: [\n")
    sensors = dict(read_inventory(raw).sensors)
    sensors["th-edge"] = Sensor(name="th-edge", site="th-plant", mapping="bad.yaml")
    with open_lake(raw) as lake:
        work = Ingest(lake, raw.root, sensors, now=now, commit_rows=1)
        with pytest.raises(RequestError):
            work.run([raw.root / "logs"])
        assert outcomes(work.summary) == [("jp-edge", "taken", 152)]
        assert lake.stats().flows == 152


EXPORT = """
  fw1: {site: th-plant, kind: any, sees: [edge], paths: ["exports/**"], match: {observer.name: fw1}}
  fw2: {site: jp-hq, kind: any, sees: [edge], paths: ["exports/**"], match: {observer.name: fw2}}
"""


def document(number: int, device: str | None, hour: int = 0) -> str:
    observer = {} if device is None else {"observer": {"name": device}}
    return (
        json.dumps(
            {
                "@timestamp": f"2020-06-01T{hour:02d}:00:{number % 60:02d}Z",
                "event": {"category": ["network"], "type": ["connection"]},
                "source": {"ip": "10.40.3.3", "port": 1024 + number, "bytes": 100},
                "destination": {"ip": "10.1.30.3", "port": 22, "bytes": 100},
                "network": {"transport": "tcp"},
                **observer,
            }
        )
        + "\n"
    )


def exported(workspace: Workspace, sensors: str = EXPORT) -> Path:
    with (workspace.root / "sites.yaml").open("a") as sites:
        sites.write(sensors)
    export = workspace.root / "exports" / "siem.json"
    export.parent.mkdir()
    devices = ["fw1", "fw2", "fw1", "fw3", None, "fw3\x1b[2J"]
    export.write_text("".join(document(n, device) for n, device in enumerate(devices)) + "broken\n")
    return export


def test_an_export_of_many_devices_is_split_in_one_pass(
    raw: Workspace, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    export = exported(raw)
    opened: list[Path] = []
    real = files.open_content
    monkeypatch.setattr(files, "open_content", lambda path: opened.append(path) or real(path))
    summary = take(raw, now, export)
    assert outcomes(summary) == [("fw1", "partly", 2), ("fw2", "taken", 1)]
    assert opened == [export, export], "once for its head, once for all its sensors"
    assert [(one.rejected, one.unmatched) for one in summary.files] == [(1, 3), (0, 0)]
    (note,) = summary.files[0].notes
    assert note.startswith("3 records are of no sensor that shares this file: observer.name fw3 (1); ")
    assert "observer.name fw3\ufffd[2J (1); without observer.name (1); add a sensor" in note
    assert stats(raw).flows == 3
    assert [one.outcome for one in take(raw, now, export).files] == ["known", "known"]


def test_a_device_that_is_added_later_takes_what_is_its_own(raw: Workspace, now: datetime) -> None:
    export = exported(raw)
    take(raw, now, export)
    with (raw.root / "sites.yaml").open("a") as sites:
        sites.write('  fw3: {site: us-plant, paths: ["exports/**"], match: {observer.name: fw3}}\n')
    assert sorted(outcomes(take(raw, now, export))) == [
        ("fw1", "known", 0),
        ("fw2", "known", 0),
        ("fw3", "partly", 1),
    ]
    with export.open("a") as file:
        file.write(document(7, "fw2", 1) + document(8, "fw9", 1))
    grown = take(raw, now, export)
    assert outcomes(grown) == [("fw1", "grown", 0), ("fw2", "grown", 1), ("fw3", "grown", 0)]
    assert [one.unmatched for one in grown.files] == [1, 0, 0]
    assert [one.rejected for one in grown.files] == [0, 0, 0], "it was told of before"
    assert stats(raw).flows == 5


def test_sensors_that_differ_in_their_clocks_share_a_file_too(raw: Workspace, now: datetime) -> None:
    with (raw.root / "sites.yaml").open("a") as sites:
        sites.write(
            '  fa: {site: jp-hq, timezone: Asia/Tokyo, paths: ["exports/**"], match: {device: a}}\n'
            '  fb: {site: us-plant, paths: ["exports/**"], match: {device: b}}\n'
        )
    export = raw.root / "exports" / "all.csv"
    export.parent.mkdir()
    row = "2020-06-02 09:00:00,10.40.3.3,5000,10.1.30.3,22,tcp,100"
    head = "start,src,src_port,dst,dst_port,protocol,bytes_out,device\n"
    export.write_text(f"{head}{row},a\n{row},b\n{row},c\n")
    summary = take(raw, now, export)
    assert outcomes(summary) == [("fa", "taken", 1), ("fb", "taken", 1)]
    assert sum(one.unmatched for one in summary.files) == 1
    with open_lake(raw) as lake:
        begun = {span["sensor"]: span["begin"].hour for span in lake.spans().to_pylist()}
    assert begun == {"fa": 0, "fb": 9}, "each is alive when its own records say so"


def test_what_nobody_can_read_is_set_aside_for_all_who_share_it(raw: Workspace, now: datetime) -> None:
    export = exported(raw)
    export.write_text("no format at all\n" * 9)
    assert outcomes(take(raw, now, export)) == [("fw1", "set_aside", 0), ("fw2", "set_aside", 0)]


def test_a_mapping_file_is_used(raw: Workspace, now: datetime) -> None:
    (raw.root / "fw.yaml").write_text("columns: {start: When}\none_way: true\n")
    with (raw.root / "sites.yaml").open("a") as sites:
        sites.write("  fw: {site: jp-hq, kind: generic, mapping: fw.yaml}\n")
    folder = raw.root / "logs" / "fw"
    folder.mkdir()
    (folder / "a.csv").write_text(
        "When,end,src,src_port,dst,dst_port,protocol,bytes_out\n"
        "2020-06-01T00:00:00Z,2020-06-01T00:00:01Z,10.40.3.3,5000,10.1.30.3,22,tcp,100\n"
    )
    assert outcomes(take(raw, now, folder)) == [("fw", "taken", 1)]


def test_a_broken_archive_is_not_called_an_empty_file(raw: Workspace, now: datetime) -> None:
    log = raw.root / "logs" / "th-edge" / "conn.log.zst"
    log.write_bytes(b"\x28\xb5\x2f\xfd" + bytes(range(100)))
    (result,) = take(raw, now, log).files
    assert result.outcome == "set_aside"
    assert result.notes == ("the zstd stream is corrupt after 0 bytes of content",)


def test_links_are_named_not_followed(raw: Workspace, now: datetime) -> None:
    folder = raw.root / "logs" / "th-edge"
    (folder / "again").symlink_to(folder)
    (folder / "current.log").symlink_to(folder / "conn.log")
    summary = take(raw, now, folder)
    assert outcomes(summary) == [("th-edge", "taken", 154)]
    assert [path.name for path, _ in summary.skipped] == ["again", "current.log"]


DNS = "#separator \\x09\n#path\tdns\n#fields\tts\tuid\tid.orig_h\tid.resp_h\tid.resp_p\tquery\n"


def query(name: str, uid: str = "C1", ts: float = 1_591_000_000.5) -> str:
    return f"{ts}\t{uid}\t10.40.3.3\t10.1.30.3\t53\t{name}\n"


def named(workspace: Workspace, *values: str) -> list[tuple[str, str, int]]:
    with open_lake(workspace, create=False) as lake:
        rows = lake.names(values).rows.to_pylist()
    return [(row["sensor"], row["value"], row["row"]) for row in rows]


def test_a_folder_of_logs_gives_flows_and_names_in_one_go(raw: Workspace, now: datetime) -> None:
    folder = raw.root / "logs" / "th-edge"
    (folder / "dns.log").write_text(DNS + query("a.example") + "rubbish\n" + query("b.example"))
    summary = take(raw, now)
    assert (summary.rows, summary.names) == (306, 2)
    dns = next(one for one in summary.files if one.path.endswith("dns.log"))
    assert (dns.reader, dns.outcome, dns.rows, dns.names, dns.rejected, dns.ignored) == (
        "zeek-dns-tsv", "partly", 0, 2, 1, 3,
    )  # fmt: skip
    assert dns.notes == (), "its family is the sensor's"
    assert named(raw, "a.example", "b.example") == [
        ("th-edge", "a.example", 4),
        ("th-edge", "b.example", 6),
    ]
    assert [one.outcome for one in take(raw, now).files] == ["known"] * 3
    assert (stats(raw).names, stats(raw).flows) == (2, 306)


def test_a_log_of_names_that_grew_goes_on_where_a_half_line_stood(
    raw: Workspace, now: datetime
) -> None:
    log = raw.root / "logs" / "th-edge" / "dns.log"
    whole = DNS + query("first.example") + query("second.example.com")
    log.write_text(whole[:-5])
    assert take(raw, now, log).names == 2
    assert named(raw, "second.example", "second.example.com") == [("th-edge", "second.example", 5)]
    log.write_text(whole + query("third.example"))
    grown = take(raw, now, log)
    assert [(one.outcome, one.names) for one in grown.files] == [("grown", 2)]
    found = named(raw, "first.example", "second.example", "second.example.com", "third.example")
    assert [value for _, value, _ in found] == ["first.example", "second.example.com", "third.example"]


def test_names_change_nothing_that_flows_say(raw: Workspace, now: datetime) -> None:
    take(raw, now)
    with open_lake(raw, create=False) as lake:
        before = lake.hours(), lake.spans()
    log = raw.root / "logs" / "th-edge" / "dns.log"
    log.write_text(DNS + query("late.example", ts=1_595_000_000))
    take(raw, now)
    with open_lake(raw, create=False) as lake:
        assert (lake.hours(), lake.spans()) == before, "an hour without flows stays without evidence"


def test_names_make_commits_as_flows_do(raw: Workspace, now: datetime) -> None:
    for number in range(3):
        log = raw.root / "logs" / "th-edge" / f"dns{number}.log"
        log.write_text(DNS + query(f"{number}.example"))
    steps: list[str] = []
    with open_lake(raw) as lake:
        lake._steps = steps.append
        work = Ingest(lake, raw.root, read_inventory(raw).sensors, now=now, commit_rows=1)
        work.run(sorted((raw.root / "logs" / "th-edge").glob("dns*.log")))
    assert steps.count("recorded") == 3


def test_a_hosts_log_gives_logons_and_is_no_hole_in_coverage(raw: Workspace, now: datetime) -> None:
    from tests.sources.event_logs import event, event_log

    sites = raw.root / "sites.yaml"
    text = sites.read_text()
    assert "\nsensors:\n" in text
    hosts = "\nsensors:\n  th-hosts: {site: th-plant, kind: windows}\n"
    sites.write_text(text.replace("\nsensors:\n", hosts))
    folder = raw.root / "logs" / "th-hosts"
    folder.mkdir(parents=True)
    who = {"TargetUserName": "anna", "IpAddress": "10.40.3.3"}
    (folder / "security.evtx").write_bytes(event_log([event(4624, n, data=who) for n in range(3)]))
    summary = take(raw, now, folder)
    (one,) = summary.files
    assert (one.reader, one.outcome, one.logons, one.rows, one.notes) == (
        "windows-evtx", "taken", 3, 0, (),
    )  # fmt: skip
    assert (summary.logons, stats(raw).logons) == (3, 3)
    assert [one.outcome for one in take(raw, now, folder).files] == ["known"]
    with open_lake(raw, create=False) as lake:
        found = lake.logons.look_up(hosts=["pc1"]).rows.to_pylist()
    assert {(row["sensor"], row["account"]) for row in found} == {("th-hosts", "anna")}
