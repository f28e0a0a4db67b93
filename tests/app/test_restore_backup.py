"""An archive is believed in nothing: names, sizes and hashes are checked before any of it counts."""

from __future__ import annotations

import hashlib
import io
import json
import os
import stat
import tarfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from sekisho.app.backup import INDEX, SCHEMA, backup
from sekisho.app.ingest import ingest
from sekisho.app.restore_backup import restore
from sekisho.app.store import stats
from sekisho.app.wiring import open_lake
from sekisho.app.workspace import Workspace
from sekisho.errors import IntegrityError, Refused, RequestError

Pack = Callable[..., Path]


@pytest.fixture
def pack(tmp_path: Path) -> Pack:
    """An archive of the members, with an index that fits unless told otherwise."""

    def make(*members: tuple[str, bytes], index: Any = None, kind: bytes = tarfile.REGTYPE) -> Path:
        listed = {n: {"size": len(c), "sha256": hashlib.sha256(c).hexdigest()} for n, c in members}
        document = {"schema": SCHEMA, "files": listed} if index is None else index
        text = document if isinstance(document, bytes) else json.dumps(document).encode()
        with tarfile.open(tmp_path / "made.tar", "w") as tar:
            for name, content in (*members, (INDEX, text)):
                info = tarfile.TarInfo(name)
                info.size = len(content)
                if name != INDEX and kind != tarfile.REGTYPE:
                    info.type, info.linkname, info.size = kind, "/etc/passwd", 0
                tar.addfile(info, io.BytesIO(content))
        return tmp_path / "made.tar"

    return make


def test_there_and_back(workspace: Workspace, now: datetime, tmp_path: Path) -> None:
    names = workspace.root / "logs" / "th-edge" / "dns.log"
    names.write_text(
        "#separator \\x09\n#path\tdns\n#fields\tts\tid.orig_h\tid.resp_h\tquery\n1.0\t::1\t::2\tq\n"
    )
    ingest(workspace, [names], sensor=None, reader=None, now=now)
    made = backup(workspace, tmp_path / "b.tar", now=now)
    old = os.umask(0o022)
    try:
        assert restore(made.path, tmp_path / "new" / "acme") == made.files
    finally:
        os.umask(old)
    back = Workspace(tmp_path / "new" / "acme")
    assert stats(back).flows == 306
    folders = [p for p in back.data.rglob("*") if p.is_dir()]
    assert {stat.S_IMODE(p.stat().st_mode) for p in (back.data, *folders)} == {0o700}
    with open_lake(back, create=False) as lake:
        assert lake.names(["q"]).total == 1
        assert lake.verify() == []
    later = tmp_path / "dns.log"
    later.write_text(names.read_text().replace("\tq\n", "\tlater\n"))
    ingest(back, [later], sensor="th-edge", reader=None, now=now)
    with open_lake(back, create=False) as lake:
        assert lake.names(["later"]).total == 1, "what was restored goes on"


@pytest.mark.parametrize("name", ["../x", "/tmp/x", "a/../../x", "a\\..\\x"])
def test_a_name_that_leaves_the_folder(pack: Pack, tmp_path: Path, name: str) -> None:
    with pytest.raises(Refused, match="no plain file below"):
        restore(pack((name, b"x")), tmp_path / "new")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["made.tar"]


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.DIRTYPE])
def test_nothing_but_plain_files(pack: Pack, tmp_path: Path, kind: bytes) -> None:
    with pytest.raises(Refused):
        restore(pack(("policy.yaml", b""), kind=kind), tmp_path / "new")


def test_what_is_not_as_it_was_backed_up(pack: Pack, tmp_path: Path) -> None:
    into = tmp_path / "new"
    right = {"size": 1, "sha256": hashlib.sha256(b"x").hexdigest()}
    for files, message in (
        ({"a": right | {"sha256": "0" * 64}}, "a is not what was backed up"),
        ({"a": right | {"size": 2}}, "a is not as long"),
        ({}, "a is not listed"),
        ({"a": right, "b": right}, "lacks b"),
    ):
        with pytest.raises(IntegrityError, match=message):
            restore(pack(("a", b"x"), index={"schema": SCHEMA, "files": files}), into)
        assert not into.exists()
    with pytest.raises(IntegrityError, match="twice"):
        restore(pack(("a", b"x"), ("a", b"x")), into)


def test_an_index_that_is_none(pack: Pack, tmp_path: Path) -> None:
    for index in (b"{", b"[" * 100_000, b'{"schema": "sekisho.backup/1", "files": [1]}'):
        with pytest.raises(IntegrityError):
            restore(pack(index=index), tmp_path / "new")
    for index in ({"schema": "other/1", "files": {}}, []):
        with pytest.raises(RequestError):
            restore(pack(index=index), tmp_path / "new")


def test_requests_that_cannot_be_met(pack: Pack, tmp_path: Path) -> None:
    archive = pack(("a", b"x"))
    with pytest.raises(RequestError, match=r"gone\.tar cannot be read"):
        restore(tmp_path / "gone.tar", tmp_path / "new")
    with pytest.raises(RequestError, match="is not empty"):
        restore(archive, archive)
    with pytest.raises(RequestError, match="cannot restore to"):
        restore(archive, archive / "below" / "a file")
    (tmp_path / "text").write_bytes(b"not a tar")
    with pytest.raises(IntegrityError, match="no whole archive"):
        restore(tmp_path / "text", tmp_path / "new")
