from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread

import pytest

from sekisho.errors import RequestError
from sekisho.model.addresses import parse_address
from sekisho.sources.journal.framing import Kind, framed, peer_bytes
from sekisho.sources.journal.journal import Journal
from sekisho.sources.journal.segments import sealed

Put = Callable[..., None]
Read = Callable[..., tuple[list[tuple[int, str, int, int, bytes]], list[object]]]


@contextmanager
def small_files(size: int) -> Iterator[None]:
    """Let no file grow beyond this many bytes, as a full disk would not."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_what_is_appended_is_sealed_and_read_again(tmp_path: Path, put: Put, read: Read) -> None:
    journal = Journal(tmp_path / "deep" / "journal")
    put(journal, b"one", b"two")
    found = journal.seal()
    assert found is not None
    assert [found] == sealed(journal.folder)
    assert found.size == found.path.stat().st_size
    rows = [(1, "10.40.0.1", 2055, 5, text) for text in (b"one", b"two")]
    assert read(found.path) == (rows, [])
    assert journal.seal() is None
    put(journal, b"three")
    journal.close()
    assert [[row[4] for row in read(one.path)[0]] for one in sealed(journal.folder)] == [
        [b"one", b"two"],
        [b"three"],
    ]


def test_a_segment_ends_by_size_and_by_age(tmp_path: Path, put: Put) -> None:
    by_size = Journal(tmp_path / "size", segment_bytes=1000, segment_seconds=1e9)
    put(by_size, *[bytes(300)] * 12)
    assert [one.size // 340 for one in sealed(by_size.folder)] == [3, 3, 3]
    by_size.close()
    by_age = Journal(tmp_path / "age", segment_seconds=0)
    put(by_age, b"one", b"two")
    assert len(sealed(by_age.folder)) == 1
    assert by_age.tick() is not None
    assert by_age.tick() is None
    by_age.close()


def test_one_process_writes_a_folder(tmp_path: Path) -> None:
    first = Journal(tmp_path)
    with pytest.raises(RequestError, match="another process writes the journal"):
        Journal(tmp_path)
    # Whoever closes it need not be who opened it.
    closing = Thread(target=first.close)
    closing.start()
    closing.join()
    Journal(tmp_path).close()


def test_framed_records_are_written_as_they_are(tmp_path: Path, read: Read, put: Put) -> None:
    journal = Journal(tmp_path)
    put(journal, b"before")
    peer = peer_bytes(parse_address("10.1.1.1"))
    journal.write(b"".join(framed(journal.salt, Kind.MESSAGE, peer, 1, n, b"m") for n in range(3)))
    found = journal.close()
    assert found is not None
    rows, damage = read(found.path)
    assert [row[4] for row in rows] == [b"before", b"m", b"m", b"m"]
    assert damage == []


def test_names_never_come_again(tmp_path: Path, put: Put) -> None:
    (tmp_path / "last").write_text(f"{10**19}\n")
    names = []
    for _ in range(3):
        journal = Journal(tmp_path)
        put(journal, b"x")
        found = journal.close()
        assert found is not None
        names.append(int(found.name))
        found.path.unlink()
    assert names == [10**19 + 1, 10**19 + 2, 10**19 + 3]


@pytest.mark.parametrize("text", ["", "no number", "\0\xff"])
def test_a_damaged_note_of_the_last_name_does_no_harm(tmp_path: Path, put: Put, text: str) -> None:
    (tmp_path / f"{10**19}.journal").write_bytes(b"")
    (tmp_path / "last").write_text(text, encoding="latin-1")
    journal = Journal(tmp_path)
    put(journal, b"x")
    found = journal.close()
    assert found is not None
    assert int(found.name) == 10**19 + 1


def test_nothing_half_written_stays_on_a_full_disk_and_it_goes_on_after(
    tmp_path: Path, put: Put, read: Read
) -> None:
    journal = Journal(tmp_path)
    put(journal, bytes(500))
    journal.flush()
    record = framed(journal.salt, Kind.DATAGRAM, bytes(16), 1, 1, bytes(800))
    with small_files(1000):
        with pytest.raises(OSError, match="too large"):
            journal.write(record)
        put(journal, bytes(600))
        with pytest.raises(OSError, match="too large"):
            journal.flush()
        with pytest.raises(OSError, match="too large"):
            journal.seal()
    journal.write(record)
    found = journal.close()
    assert found is not None
    rows, damage = read(found.path)
    assert [len(row[4]) for row in rows] == [500, 600, 800]
    assert damage == []


def test_a_begin_that_finds_no_room_leaves_no_file(tmp_path: Path, put: Put) -> None:
    journal = Journal(tmp_path)
    with small_files(22), pytest.raises(OSError, match="too large"):
        put(journal, b"x")
    assert list(tmp_path.glob("*.open")) == []
    put(journal, b"x")
    assert journal.close() is not None


def test_a_killed_writer_loses_nothing_that_was_flushed(tmp_path: Path, read: Read) -> None:
    code = (
        "import os, signal, sys; from pathlib import Path\n"
        "from ipaddress import ip_address\n"
        "from sekisho.sources.journal.journal import Journal\n"
        "j = Journal(Path(sys.argv[1]))\n"
        "for n in range(100): j.append(1, ip_address('10.0.0.1'), 1, n, b'x' * n)\n"
        "j.flush(); os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path)], env=os.environ, check=False)
    assert done.returncode == -signal.SIGKILL
    (left,) = tmp_path.glob("*.open")
    with left.open("ab") as stream:
        stream.write(b"\xf5JR\xa7torn")
    journal = Journal(tmp_path)
    assert (journal.recovered.segments, journal.recovered.records, journal.recovered.torn) == (
        1,
        100,
        8,
    )
    (found,) = sealed(tmp_path)
    rows, damage = read(found.path)
    assert [row[3] for row in rows] == list(range(100))
    assert damage == []
    journal.close()
