from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from sekisho.app.workspace import init
from sekisho.sources.forwarding.received import Received
from sekisho.sources.forwarding.screening import Screened
from sekisho.sources.forwarding.spool import Spool
from sekisho.sources.forwarding.wire import DroppedSpan, Hello
from sekisho.sources.listeners.counters import Counters
from sekisho.sources.listeners.status import ListenerStatus, Status, write_status

NOW = datetime(2026, 11, 20, tzinfo=UTC)
SPAN = DroppedSpan(id="a" * 32, begin=NOW, end=NOW, segments=3, size=7, why="size")
Sekisho = Callable[..., Any]


def test_certificates_are_made_without_a_workspace(tmp_path: Path, sekisho: Sekisho) -> None:
    folder = tmp_path / "tls"
    made = sekisho(
        "collector", "certificate", "centre.example", "--host", "192.0.2.1", "--folder", folder
    )
    assert made.status == 0, made.err
    assert "sites never need it" in made.out
    words = ("collector", "certificate", "th-plant", "--folder", folder, "--format", "json")
    document = json.loads(sekisho(*words).out)
    assert document["fingerprint"].startswith("sha256:")
    assert Path(document["key"]).stat().st_mode & 0o077 == 0
    again = sekisho(*words)
    assert (again.status, "is there already" in again.err) == (2, True)
    assert sekisho("collector", "certificate", "../x", "--folder", folder).status == 2


def test_a_certificate_lies_in_the_workspace_that_is_named_and_not_where_one_stands(
    tmp_path: Path, sekisho: Sekisho, monkeypatch: pytest.MonkeyPatch
) -> None:
    init(tmp_path / "company")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    made = sekisho("--workspace", tmp_path / "company", "collector", "certificate", "centre")
    assert made.status == 0, made.err
    assert (tmp_path / "company" / "tls" / "centre.pem").is_file()
    assert not list(elsewhere.iterdir())
    # Where there is no workspace an authority may be kept all the same; one that is named and is none is told.
    assert sekisho("collector", "certificate", "centre").status == 0
    assert (elsewhere / "tls" / "centre.pem").is_file()
    wrong = sekisho("--workspace", elsewhere, "collector", "certificate", "other")
    assert (wrong.status, "is not a workspace" in wrong.err) == (2, True)


def test_what_the_centre_knows(tmp_path: Path, sekisho: Sekisho) -> None:
    workspace = init(tmp_path).workspace
    empty = sekisho("--workspace", tmp_path, "collector", "list")
    assert "No collector has been heard yet" in empty.out
    received = Received(workspace.received)
    received.heard("th-plant", Hello(now=NOW, pending=4, dropped=(SPAN,)), timedelta(seconds=9), NOW)
    foreign = Screened(None, packed=False, records=0, foreign_records=5, foreign={"10.9.9.9": 5})
    received.place("th-plant", "0" * 64, foreign, number=1, lane="live", apart=False, now=NOW)
    received.refused({"th-plant": 31}, NOW)
    received.close()
    shown = sekisho("--workspace", tmp_path, "collector", "list")
    for words in ("th-plant", "+9.0 s", "10.9.9.9", "no room"):
        assert words in shown.out
    assert all(len(line) <= 80 for line in shown.out.splitlines())
    same = sekisho("--workspace", tmp_path, "collect", "--centre", "--status", "--format", "json")
    (one,) = json.loads(same.out)["collectors"]
    assert one["too_often"] == 31
    assert (one["pending"], one["foreign"], one["dropped"][0]["why"]) == (4, {"10.9.9.9": 5}, "size")


def test_what_a_site_holds(tmp_path: Path, sekisho: Sekisho) -> None:
    workspace = init(tmp_path).workspace
    nothing = sekisho("--workspace", tmp_path, "collect", "--spool", "--status")
    assert (nothing.status, "nothing has been spooled" in nothing.err) == (2, True)
    Spool(workspace.spool)
    (workspace.spool / f"{int(NOW.timestamp()) * 10**6:020d}.journal").write_bytes(b"x" * 9)
    shown = sekisho("--workspace", tmp_path, "collect", "--spool", "--status")
    assert "Not forwarded yet: 1 segment, the oldest from 2026-11-20" in shown.out
    assert "Nothing is listened at." in shown.out
    listener = ListenerStatus("udp://0.0.0.0:2055", Counters(received=17, strangers=23))
    write_status(workspace.spool, Status(1, "receiving", 0, 0, (listener,)))
    assert "17" in sekisho("--workspace", tmp_path, "collect", "--spool", "--status").out
    same = sekisho("--workspace", tmp_path, "collect", "--spool", "--status", "--format", "json")
    assert json.loads(same.out)["listeners"][0]["strangers"] == 23
    (workspace.spool / "status.json").write_text("{}")
    broken = sekisho("--workspace", tmp_path, "collect", "--spool", "--status")
    assert (broken.status, "cannot be read" in broken.err) == (2, True)
    both = sekisho("--workspace", tmp_path, "collect", "--spool", "--centre")
    assert both.status == 2
