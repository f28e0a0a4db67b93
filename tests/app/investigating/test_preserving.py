from __future__ import annotations

import gzip
import hashlib
import os
from pathlib import Path

import pytest

from sekisho.app.investigating.preserving import Original, check, intact, keep, preserve
from sekisho.app.workspace import Workspace
from sekisho.errors import RequestError
from sekisho.sources.files import digest

READ = b"one line\nanother\n"


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    (tmp_path / "logs").mkdir()
    (tmp_path / "data").mkdir()
    return Workspace(tmp_path)


@pytest.fixture
def folder(workspace: Workspace) -> Path:
    return workspace.cases / "INC-1" / "evidence"


def original(path: str, content: bytes = READ, raw: bytes | None = None) -> Original:
    raw = content if raw is None else raw
    return Original(
        "th",
        path,
        hashlib.sha256(raw).hexdigest(),
        len(raw),
        hashlib.sha256(content).hexdigest(),
        len(content),
    )


def copies(folder: Path) -> list[bytes]:
    return [path.read_bytes() for path in folder.iterdir()] if folder.exists() else []


def test_the_bytes_that_were_read_are_kept_under_their_hash(workspace: Workspace, folder: Path) -> None:
    (workspace.root / "logs" / "a.log").write_bytes(READ)
    found = preserve(workspace, original("logs/a.log"), folder)
    assert (found.state, found.size, found.why) == ("preserved", len(READ), "")
    assert (folder / found.sha256).read_bytes() == READ
    assert (folder / found.sha256).stat().st_mode & 0o777 == 0o400
    assert intact(folder, found.sha256, len(READ))
    assert check(folder / found.sha256, found.sha256) is None
    assert preserve(workspace, original("logs/a.log"), folder).state == "preserved", "a second time too"


def test_of_a_log_that_grew_what_was_read_is_kept(workspace: Workspace, folder: Path) -> None:
    (workspace.root / "logs" / "a.log").write_bytes(READ + b"later\n")
    found = preserve(workspace, original("logs/a.log"), folder)
    assert (found.state, copies(folder)) == ("preserved", [READ])
    assert "grown" in found.why


def test_other_bytes_are_no_evidence(workspace: Workspace, folder: Path) -> None:
    place = workspace.root / "logs" / "a.log"
    for content in (b"one line\nANOTHER\n", b"one line\n", b""):
        place.write_bytes(content)
        found = preserve(workspace, original("logs/a.log"), folder)
        assert (found.state, found.sha256, copies(folder)) == ("changed", "", [])
    place.unlink()
    assert preserve(workspace, original("logs/a.log"), folder).state == "gone"
    assert preserve(workspace, original("logs/a.log/b"), folder).state == "gone"
    assert preserve(workspace, original("s3://bucket/a"), folder).state == "elsewhere"


def test_a_log_that_was_packed_since_is_known_by_its_content(
    workspace: Workspace, folder: Path
) -> None:
    packed = workspace.root / "logs" / "a.log.gz"
    packed.write_bytes(gzip.compress(READ + b"later\n"))
    found = preserve(workspace, original("logs/a.log"), folder)
    assert found.state == "preserved"
    assert gzip.decompress((folder / found.sha256).read_bytes()).startswith(READ)
    packed.write_bytes(gzip.compress(b"something else, longer than that\n"))
    assert preserve(workspace, original("logs/a.log", b"more\n"), folder).state == "changed"
    assert len(copies(folder)) == 1


def test_a_packed_log_is_kept_as_it_lay_there(workspace: Workspace, folder: Path) -> None:
    raw = gzip.compress(READ)
    place = workspace.root / "logs" / "a.log.gz"
    place.write_bytes(raw)
    assert digest(place).raw_sha256 == hashlib.sha256(raw).hexdigest()
    found = preserve(workspace, original("logs/a.log.gz", raw=raw), folder)
    assert (found.state, copies(folder)) == ("preserved", [raw])


def test_a_collectors_segment_is_found_where_it_is_kept(workspace: Workspace, folder: Path) -> None:
    kept = workspace.journal / "kept"
    kept.mkdir(parents=True)
    name = "00000000000000000001.journal"
    (kept / name).write_bytes(READ)
    assert preserve(workspace, original(name), folder).state == "preserved"


def test_a_pipe_is_not_waited_for(workspace: Workspace, folder: Path) -> None:
    os.mkfifo(workspace.root / "logs" / "a.log")
    assert preserve(workspace, original("logs/a.log"), folder).state == "gone"


def test_a_full_disk_keeps_no_half_copy(
    workspace: Workspace, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (workspace.root / "logs" / "a.log").write_bytes(READ)

    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(RequestError, match="could not be written: No space left"):
        preserve(workspace, original("logs/a.log"), folder)
    assert copies(folder) == []


def test_a_file_that_a_person_names(workspace: Workspace, folder: Path) -> None:
    answer = workspace.root / "answer.txt"
    answer.write_bytes(READ)
    digest_, size = keep(answer, folder, 100)
    assert (folder / digest_).read_bytes() == READ
    assert size == len(READ)
    with pytest.raises(RequestError, match="at most 3 are kept"):
        keep(answer, folder, 3)
    with pytest.raises(RequestError, match="cannot keep"):
        keep(workspace.root / "none", folder, 100)
    with pytest.raises(RequestError, match="no regular file"):
        keep(workspace.root, folder, 100)
    broken = folder / digest_
    broken.chmod(0o600)
    broken.write_bytes(b"x")
    assert "does not hash" in (check(broken, digest_) or "")
    assert "cannot be read" in (check(folder / "none", digest_) or "")
