"""Append-only: acknowledged is on disk, once; what a crash left is set aside and told."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from sekisho.errors import IntegrityError, RequestError
from sekisho.ledger.ledger import FILE, HEAD, Ledger, NotWritten
from sekisho.ledger.verifier import entry_hash, read_entry
from sekisho.ledger.verify import verify_ledger


def test_entries_link_to_each_other_and_come_back(ledger: Ledger, at: datetime) -> None:
    entries = list(ledger.entries())
    assert [entry.seq for entry in entries] == [1, 2, 3, 4]
    assert entries[0].prev == "0" * 64
    assert [entry.prev for entry in entries[1:]] == [entry.hash for entry in entries[:-1]]
    assert entries[1].body == {"n": 2, "text": "工場 é"}
    assert entries[1].at == at + timedelta(hours=2)
    assert [entry.seq for entry in ledger.entries(entries[1].end)] == [3, 4]
    assert ledger.head().seq == 4


def test_times_are_utc_and_need_a_zone(ledger: Ledger, at: datetime) -> None:
    entry = ledger.append("x", {}, at.astimezone(timezone(timedelta(hours=9))), "tanaka")
    assert b'"at":"2026-03-01T12:30:00.123456Z"' in (ledger.folder / FILE).read_bytes()
    assert entry.at == at
    with pytest.raises(ValueError, match="zone"):
        ledger.append("x", {}, at.replace(tzinfo=None), "tanaka")


def test_files_are_their_owners_alone(ledger: Ledger) -> None:
    assert [oct((ledger.folder / name).stat().st_mode & 0o777) for name in (FILE, HEAD)] == [
        "0o600"
    ] * 2
    assert ledger.folder.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    "body", [{"x": float("nan")}, {"x": {1}}, {"x": 2**60}, {"x": "\ud800"}, {"x": "a" * (2 << 20)}]
)
def test_what_json_cannot_hold_is_refused_and_leaves_nothing(
    body: dict[str, Any], ledger: Ledger, at: datetime
) -> None:
    before = (ledger.folder / FILE).read_bytes()
    with pytest.raises(RequestError):
        ledger.append("x", body, at, "anong")
    assert (ledger.folder / FILE).read_bytes() == before


def test_a_number_that_is_whole_and_large_comes_back(ledger: Ledger, at: datetime) -> None:
    assert ledger.append("x", {"n": 2.0**60}, at, "anong").body == {"n": 2.0**60}
    assert list(ledger.entries())[-1].body == {"n": 2.0**60}
    assert verify_ledger(ledger.folder).whole


def test_who_and_what_must_be_said(ledger: Ledger, at: datetime) -> None:
    for kind, by in (("", "anong"), ("x", "")):
        with pytest.raises(RequestError):
            ledger.append(kind, {}, at, by)


def test_a_torn_end_is_set_aside_and_recorded(ledger: Ledger, at: datetime) -> None:
    with (ledger.folder / FILE).open("ab") as stream:
        stream.write(b'{"half')
    assert verify_ledger(ledger.folder).unfinished == 6
    ledger.append("x", {}, at, "anong")
    entries = list(ledger.entries())
    assert [entry.kind for entry in entries[4:]] == ["ledger.torn", "x"]
    side = ledger.folder / "torn" / entries[4].body["file"]
    assert side.read_bytes() == b'{"half'
    assert verify_ledger(ledger.folder).whole


def test_a_whole_entry_that_was_not_remembered_is_adopted(ledger: Ledger, at: datetime) -> None:
    head = (ledger.folder / HEAD).read_bytes()
    ledger.append("x", {}, at, "anong")
    (ledger.folder / HEAD).write_bytes(head)
    assert ledger.settle().seq == 5
    assert ledger.append("y", {}, at, "anong").seq == 6
    assert verify_ledger(ledger.folder).whole


def test_acknowledged_entries_that_are_gone_or_changed_stop_everything(
    ledger: Ledger, at: datetime
) -> None:
    path = ledger.folder / FILE
    whole = path.read_bytes()
    lines = whole.splitlines(keepends=True)
    for changed in (b"".join(lines[:-1]), whole.replace(b'"n":4', b'"n":9'), b""):
        path.write_bytes(changed)
        with pytest.raises(IntegrityError):
            ledger.append("x", {}, at, "anong")
        assert path.read_bytes() == changed, "evidence is not touched"
    path.unlink()
    with pytest.raises(IntegrityError):
        ledger.append("x", {}, at, "anong")
    path.write_bytes(whole)
    (ledger.folder / HEAD).unlink()
    with pytest.raises(IntegrityError, match="is gone"):
        ledger.append("x", {}, at, "anong")


def test_a_full_disk_acknowledges_nothing(
    ledger: Ledger, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = (ledger.folder / FILE).read_bytes()
    real = os.write

    def full(descriptor: int, data: Any) -> int:
        if len(data) > 200:
            real(descriptor, bytes(data)[:50])
            raise OSError(28, "No space left on device")
        return real(descriptor, data)

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(NotWritten, match="No space left"):
        ledger.append("x", {"text": "a" * 300}, at, "anong")
    monkeypatch.undo()
    assert (ledger.folder / FILE).read_bytes() == before
    assert ledger.append("x", {}, at, "anong").seq == 5


FULL = """
import resource, signal, sys
from datetime import UTC, datetime
from pathlib import Path
from sekisho.ledger.ledger import Ledger, NotWritten
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
ledger = Ledger(Path(sys.argv[1]))
limit = (ledger.folder / "ledger.jsonl").stat().st_size + 100
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
try:
    ledger.append("x", {"text": "a" * 300}, datetime(2026, 3, 1, tzinfo=UTC), "anong")
except NotWritten as error:
    sys.stdout.write(str(error))
"""


def test_where_the_system_stops_a_write_half_way(ledger: Ledger, at: datetime) -> None:
    files = [ledger.folder / name for name in (FILE, HEAD)]
    before = [file.read_bytes() for file in files]
    ran = subprocess.run(
        [sys.executable, "-c", FULL, str(ledger.folder)], capture_output=True, text=True, check=True
    )
    assert "nothing was recorded" in ran.stdout
    assert [file.read_bytes() for file in files] == before
    assert ledger.append("x", {}, at, "anong").seq == 5
    assert verify_ledger(ledger.folder).whole


def test_a_writer_that_asks_for_no_lock_is_found_out(
    ledger: Ledger, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Such as one on a share where locks do nothing: what both wrote is kept and told, no entry that
    was acknowledged is lost, and the one that was not does not count."""
    other = tmp_other(ledger)
    rival = other.append("x", {"rival": True}, at, "rival")
    line = (other.folder / FILE).read_bytes()[rival.start :]
    real = os.write

    def raced(descriptor: int, data: Any) -> int:
        if b'"mine"' in bytes(data):
            with (ledger.folder / FILE).open("ab") as stream:
                stream.write(line)
        return real(descriptor, data)

    monkeypatch.setattr(os, "write", raced)
    with pytest.raises(IntegrityError, match="another program"):
        ledger.append("x", {"mine": 1}, at, "anong")
    monkeypatch.undo()
    assert ledger.append("x", {"after": 1}, at, "anong").seq == 7
    entries = list(ledger.entries())
    assert [entry.kind for entry in entries[4:]] == ["x", "ledger.torn", "x"]
    assert entries[4].by == "rival"
    assert b'"mine"' in (ledger.folder / "torn" / entries[5].body["file"]).read_bytes()
    assert verify_ledger(ledger.folder).whole


def tmp_other(ledger: Ledger) -> Ledger:
    """The same ledger in another place."""
    folder = ledger.folder.with_name("other")
    shutil.copytree(ledger.folder, folder)
    return Ledger(folder)


WRITER = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from sekisho.ledger.ledger import Ledger
ledger = Ledger(Path(sys.argv[1]))
for number in range(20):
    ledger.append("x", {"n": number}, datetime(2026, 3, 1, tzinfo=UTC), sys.argv[2])
"""


def test_two_programs_that_write_lose_and_double_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "ledger"
    running = [
        subprocess.Popen([sys.executable, "-c", WRITER, str(folder), name]) for name in ("a", "b")
    ]
    assert [one.wait(60) for one in running] == [0, 0]
    entries = list(Ledger(folder).entries())
    assert sorted((entry.by, entry.body["n"]) for entry in entries) == [
        (name, n) for name in ("a", "b") for n in range(20)
    ]
    assert verify_ledger(folder).whole


def test_a_ledger_from_before_there_was_a_tree_is_taken_over(ledger: Ledger, at: datetime) -> None:
    wanted = ledger.head()
    old = {"end": wanted.end, "hash": wanted.hash, "seq": wanted.seq, "start": wanted.start}
    (ledger.folder / HEAD).write_text(json.dumps(old))
    assert ledger.head().edge is None
    assert ledger.settle() == wanted
    (ledger.folder / HEAD).write_text(json.dumps(old))
    path = ledger.folder / FILE
    whole = path.read_bytes()
    path.write_bytes(whole.replace(b'"n":2', b'"n":7'))
    with pytest.raises(IntegrityError, match="after entry 1"):
        ledger.append("x", {}, at, "anong")


def test_what_a_crash_left_is_recorded_before_what_follows(ledger: Ledger, at: datetime) -> None:
    with (ledger.folder / FILE).open("ab") as stream:
        stream.write(b'{"half')
    with ledger.exclusive():
        head = ledger.recover(at)
        assert head.seq == 5
        assert ledger.append("x", {}, at, "anong").prev == head.hash


def test_a_link_in_the_place_of_the_ledger_is_not_followed(tmp_path: Path, at: datetime) -> None:
    (tmp_path / "ledger").mkdir()
    (tmp_path / "elsewhere").write_text("")
    (tmp_path / "ledger" / FILE).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(NotWritten):
        Ledger(tmp_path / "ledger").append("x", {}, at, "anong")
    assert (tmp_path / "elsewhere").read_text() == ""


def test_many_threads_of_several_writers_lose_and_double_nothing(tmp_path: Path, at: datetime) -> None:
    def write(name: str) -> None:
        own = Ledger(tmp_path / "ledger")
        for number in range(15):
            own.append("x", {"who": name, "n": number}, at, name)

    threads = [threading.Thread(target=write, args=(f"w{n}",)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    entries = list(Ledger(tmp_path / "ledger").entries())
    assert [entry.seq for entry in entries] == list(range(1, 61))
    assert {(entry.by, entry.body["n"]) for entry in entries} == {
        (f"w{n}", m) for n in range(4) for m in range(15)
    }
    assert verify_ledger(tmp_path / "ledger").whole


CHILD = """
import os, signal, sys
from datetime import UTC, datetime
from pathlib import Path
from sekisho.ledger.ledger import Ledger
deadly, told = int(sys.argv[2]), 0
for name in ("write", "fsync", "rename", "replace"):
    def hooked(*arguments, real=getattr(os, name)):
        global told
        told += 1
        if told == deadly:
            os.kill(os.getpid(), signal.SIGKILL)
        return real(*arguments)
    setattr(os, name, hooked)
ledger = Ledger(Path(sys.argv[1]))
for number in range(3):
    entry = ledger.append("x", {"n": number}, datetime(2026, 3, 1, tzinfo=UTC), "anong")
    sys.stdout.write(f"{entry.seq}\\n")
    sys.stdout.flush()
sys.stderr.write(str(told))
"""


def test_killed_at_any_call_nothing_acknowledged_is_lost(tmp_path: Path, at: datetime) -> None:
    def run(folder: Path, deadly: int) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-c", CHILD, str(folder), str(deadly)],
            capture_output=True,
            text=True,
            check=False,
        )

    calls = int(run(tmp_path / "whole", 0).stderr)
    assert calls >= 12
    for deadly in range(1, calls + 1):
        folder = tmp_path / str(deadly)
        killed = run(folder, deadly)
        assert killed.returncode == -signal.SIGKILL
        acknowledged = [int(seq) for seq in killed.stdout.split()]
        ledger = Ledger(folder)
        ledger.append("after", {}, at, "anong")
        entries = list(ledger.entries())
        assert [e.seq for e in entries] == list(range(1, len(entries) + 1))
        notes = [e.body["n"] for e in entries if e.kind == "x"]
        assert notes == list(range(len(notes)))
        assert len(notes) >= len(acknowledged)
        assert verify_ledger(folder).whole


def test_lines_are_what_the_verifier_reads(ledger: Ledger) -> None:
    for line in (ledger.folder / FILE).read_bytes().splitlines():
        entry = read_entry(line)
        assert entry_hash(entry) == entry["hash"]
