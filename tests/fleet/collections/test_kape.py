from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import BinaryIO

import pytest
from tests.sources.event_logs import event, event_log

from sekisho.fleet.collections import evtx, kape
from sekisho.fleet.collections.base import Collection, machine
from sekisho.fleet.collections.kape import gather, is_copy, read_zip, root_of
from sekisho.fleet.collections.looking import Look
from sekisho.fleet.collections.members import Member

LOGS = "C/Windows/System32/winevt/Logs"


@pytest.mark.parametrize(
    ("path", "root"),
    [
        ("C/Windows/x", ""),
        ("kape/PC1/C/Users/ken/x", "kape/PC1"),
        ("PC1/d/$Extend/x", "PC1"),
        ("PC1/Windows/x", None),
        ("c", None),
        ("c/d/e", None),
    ],
)
def test_where_a_drive_begins(path: str, root: str | None) -> None:
    assert root_of(path) == root


def member(name: str, content: bytes = b"x", number: int = 1) -> Member:
    def blocks() -> Iterator[bytes]:
        yield content

    return Member(number, name, blocks)


@pytest.fixture
def logs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Event logs as lines `host year what`: the form itself is held by tests of its reader."""

    def read(copy: BinaryIO, keep: object = None) -> Collection:
        found = Collection()
        for line in copy.read().decode().splitlines():
            host, year, what = line.split()
            table = found.table(machine(host), evtx.TABLE)
            table.add({"what": what, "channel": "Security"})
            table.collected = datetime(int(year), 1, 1, tzinfo=UTC)
        return found

    monkeypatch.setattr(kape.evtx, "read", read)


@pytest.mark.usefixtures("logs")
def test_the_newest_name_in_its_own_logs_is_the_machines() -> None:
    found = Collection()
    listed = [
        member(f"{LOGS}/Security.evtx", b"win-setup 2024 cleared\npc1.corp 2026 missing"),
        member(f"{LOGS}/ForwardedEvents.evtx", b"other 2027 cleared"),
        member("C/Users/Public/a.exe"),
        member("ProgramExecution/x_Amcache.csv", b"SHA1,FullPath\nab,c:\\x\n"),
        member("ProgramExecution/torn_Amcache.csv", b"SHA1,FullPath\na,b,c\n", 5),
    ]
    gather(listed, found, "2026-03-01T00_00_00_0000000_pc9", Look())
    ((who, tables),) = found.machines.values()
    assert who.hostname == "pc1.corp"
    assert [row["what"] for row in tables["security_log"].rows] == ["missing"]
    assert len(tables["collected_files"].rows) == 5
    assert tables["collected_files"].collected == datetime(2026, 1, 1, tzinfo=UTC)
    assert not tables["file_hashes"].whole
    assert [a.row for a in found.aside] == [5]
    assert any("win-setup" in note for note in found.notes)
    assert any("forwarded" in note for note in found.notes)


@pytest.mark.usefixtures("logs")
def test_who_it_is_said_to_be() -> None:
    found = Collection()
    gather([member(f"{LOGS}/Security.evtx", b"pc1 2026 cleared")], found, "x", Look(), "pc2")
    ((who, tables),) = found.machines.values()
    # Whoever brings it is believed about the files, and not against what the log itself says.
    assert (who.hostname, "security_log" in tables) == ("pc2", False)
    assert any("brought as pc2's" in note for note in found.notes)


def test_without_logs_its_name_says_whose_it_is() -> None:
    for name, host in (
        ("2026-03-01T101112_PC7.zip", "PC7"),
        ("PC7", "PC7"),
        ("<b>", None),
        ("a b", None),
    ):
        found = Collection()
        gather([member("C/Users/x.exe")], found, name, Look())
        assert [who.hostname for who, _ in found.machines.values()] == ([host] if host else [])
        assert bool(found.aside) == (host is None)


def test_a_zip_of_one_machine_and_of_two() -> None:
    def packed(*names: str) -> io.BytesIO:
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as made:
            for name in names:
                made.writestr(name, "x")
        out.seek(0)
        return out

    one = packed("C/Users/a.exe", "C/Windows/b.exe")
    assert is_copy(one)
    assert not is_copy(packed("A/C/Users/a", "B/C/Users/a"))
    ((who, tables),) = read_zip(one, "PC7.zip", Look()).machines.values()
    assert who.hostname == "PC7"
    assert [row["path"] for row in tables["collected_files"].rows] == [
        "C/Users/a.exe",
        "C/Windows/b.exe",
    ]


def test_a_machines_own_logs_say_whose_it_is() -> None:
    raw = event_log([event(1102, 1, host="PC3.corp.example"), event(4624, 2, host="PC3.corp.example")])
    found = Collection()
    gather([member(f"{LOGS}/Security.evtx", raw)], found, "whatever", Look())
    ((who, tables),) = found.machines.values()
    assert who.hostname == "PC3.corp.example"
    assert [row["what"] for row in tables["security_log"].rows] == ["cleared"]
