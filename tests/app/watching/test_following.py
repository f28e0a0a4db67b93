from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from sekisho.app.watching.following import Follower
from sekisho.app.wiring import open_lake, read_inventory
from sekisho.app.workspace import Workspace

NOW = datetime(2020, 6, 8, tzinfo=UTC)


def test_what_is_new_is_read_and_what_has_grown_goes_on(
    raw_company: Path, zeek_conn: Callable[..., str]
) -> None:
    workspace = Workspace(raw_company)
    sensors = read_inventory(workspace).sensors
    with open_lake(workspace) as lake:
        follower = Follower(lake, workspace.root)
        first = follower.take(sensors, NOW)
        assert first is not None
        assert first.rows == 306
        assert follower.take(sensors, NOW) is None
        log = workspace.root / "logs" / "th-edge" / "conn.log"
        with log.open("a") as file:
            file.write(zeek_conn(1_591_500_000.5, "Cnew", "10.40.9.9", 50_000, "10.1.0.5", 445))
        follower._rest.clear()
        more = follower.take(sensors, NOW)
        assert more is not None
        assert [(one.outcome, one.rows) for one in more.files] == [("grown", 1)]


def test_a_file_that_took_long_to_read_rests(raw_company: Path) -> None:
    workspace = Workspace(raw_company)
    sensors = read_inventory(workspace).sensors
    with open_lake(workspace) as lake:
        follower = Follower(lake, workspace.root)
        follower.take(sensors, NOW)
        log = workspace.root / "logs" / "th-edge" / "conn.log"
        os.utime(log)
        follower._rest[log] += 3600
        assert follower.changed(sensors) == []
        follower._rest[log] = 0
        assert follower.changed(sensors) == [log]


def test_a_start_reads_nothing_that_the_lake_has_already(company: Path) -> None:
    workspace = Workspace(company)
    sensors = read_inventory(workspace).sensors
    with open_lake(workspace) as lake:
        # The lake knows the files by the paths under which they were taken.
        follower = Follower(lake, workspace.root)
        taken = {Path(path) for path in follower._taken}
        here = {workspace.root / path.relative_to(path.parents[2]) for path in taken}
        assert set(follower.changed(sensors)) == here
        again = follower.take(sensors, NOW)
        assert again is not None
        assert {one.outcome for one in again.files} == {"known"}
        assert follower.changed(sensors) == []


def test_globs_of_sensors_are_followed_and_empty_files_wait(raw_company: Path, zeek_log: str) -> None:
    sites = (raw_company / "sites.yaml").read_text()
    sites = sites.replace("{site: th-plant, kind: zeek,", "{site: th-plant, paths: [in/*/c*.log],")
    (raw_company / "sites.yaml").write_text(sites)
    folder = raw_company / "in" / "today"
    folder.mkdir(parents=True)
    (folder / "conn.log").write_text(zeek_log)
    (folder / "other.txt").write_text("nothing of ours\n")
    (folder / "cempty.log").write_text("")
    workspace = Workspace(raw_company)
    with open_lake(workspace) as lake:
        found = Follower(lake, workspace.root).changed(read_inventory(workspace).sensors)
    assert folder / "conn.log" in found
    assert {path.name for path in found} == {"conn.log"}


def test_what_cannot_be_read_is_set_aside_and_told(raw_company: Path) -> None:
    (raw_company / "logs" / "th-edge" / "noise.log").write_bytes(b"\x00\x01\x02" * 100)
    workspace = Workspace(raw_company)
    with open_lake(workspace) as lake:
        follower = Follower(lake, workspace.root)
        summary = follower.take(read_inventory(workspace).sensors, NOW)
        assert summary is not None
        assert [Path(one.path).name for one in summary.unread] == ["noise.log"]
        assert summary.rows == 306
