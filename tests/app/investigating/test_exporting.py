from __future__ import annotations

import hashlib
import io
import json
import subprocess
import sys
import zipfile
from collections.abc import Callable
from datetime import datetime
from functools import partial
from pathlib import Path

import pytest

from sekisho.app.investigating.exporting import ENTRIES, MANIFEST, SUMS, export, verify_export
from sekisho.app.investigating.inquiring import Said, answer
from sekisho.app.ledger import entries
from sekisho.app.workspace import Workspace
from sekisho.errors import IntegrityError, RequestError
from sekisho.ledger.verifier import canonical, entry_hash

Change = Callable[[dict[str, bytes]], None]


@pytest.fixture
def exported(workspace: Workspace, opened: str, now: datetime, tmp_path: Path) -> Path:
    sent = tmp_path / "answer.txt"
    sent.write_text("two servers")
    answer(workspace, opened, Said("th-plant", "affected", file=sent), now=now, by="ken")
    made = export(workspace, opened, tmp_path / "out.zip", now=now, by="ken")
    assert (made.files, made.missing, made.entries) == (3, 0, 3)
    return made.path


def test_an_export_carries_custody_and_checks_by_itself(
    workspace: Workspace, exported: Path, tmp_path: Path
) -> None:
    assert verify_export(exported).flaws == ()
    (entry,) = entries(workspace, 1)
    assert entry.kind == "evidence.export"
    assert entry.body["sha256"] == hashlib.sha256(exported.read_bytes()).hexdigest()
    assert exported.stat().st_mode & 0o777 == 0o600
    folder = tmp_path / "out"
    with zipfile.ZipFile(exported) as archive:
        archive.extractall(folder)
    assert subprocess.run(["sha256sum", "-c", "--quiet", SUMS], cwd=folder, check=False).returncode == 0
    manifest = json.loads((folder / MANIFEST).read_text())
    assert manifest["ledger"]["head"]["entries"] < entry.seq
    proof = next((folder / "proofs").iterdir())
    words = [sys.executable, "-I", folder / "verify.py", proof, "--signed", folder / "head.txt"]
    assert subprocess.run(words, check=False, capture_output=True).returncode == 0
    lines = (folder / ENTRIES).read_bytes().splitlines()
    ledger = (workspace.ledger / "ledger.jsonl").read_bytes().splitlines()
    assert len(lines) == 3
    assert set(lines) <= set(ledger), "as they stand in the ledger, to the byte"


def test_nothing_is_overwritten_and_a_changed_copy_is_not_exported(
    workspace: Workspace, opened: str, exported: Path, now: datetime
) -> None:
    with pytest.raises(RequestError, match="exists already"):
        export(workspace, opened, exported, now=now, by="ken")
    copy = next((workspace.cases / opened / "evidence").iterdir())
    copy.chmod(0o600)
    copy.write_bytes(copy.read_bytes()[:-1] + b"X")
    other = exported.with_name("other.zip")
    with pytest.raises(IntegrityError, match="not what was preserved"):
        export(workspace, opened, other, now=now, by="ken")
    assert not other.exists()
    assert list(exported.parent.glob(".*.part")) == []


def evidence(files: dict[str, bytes]) -> str:
    return next(name for name in files if name.startswith("evidence/"))


def relist(files: dict[str, bytes]) -> None:
    """As somebody would who changes a file and knows of SHA256SUMS."""
    listed = {name: hashlib.sha256(data).hexdigest() for name, data in files.items() if name != SUMS}
    files[SUMS] = "".join(f"{d}  {n}\n" for n, d in listed.items()).encode()


def edit(files: dict[str, bytes]) -> None:
    files[evidence(files)] += b"x"


def edit_and_list(files: dict[str, bytes]) -> None:
    edit(files)
    relist(files)


def swap(files: dict[str, bytes]) -> None:
    data = files.pop(evidence(files)) + b"x"
    files[f"evidence/{hashlib.sha256(data).hexdigest()}"] = data
    relist(files)


def drop(files: dict[str, bytes]) -> None:
    del files[evidence(files)]


def drop_and_list(files: dict[str, bytes]) -> None:
    drop(files)
    relist(files)


def add(files: dict[str, bytes]) -> None:
    files["evidence/more"] = b"x"


def rewrite(files: dict[str, bytes]) -> None:
    files[ENTRIES] = files[ENTRIES].replace(b'"by":"ken"', b'"by":"bob"')
    relist(files)


def unprove(files: dict[str, bytes]) -> None:
    del files[next(name for name in files if name.startswith("proofs/"))]
    relist(files)


def other_head(files: dict[str, bytes]) -> None:
    files["head.txt"] = files["head.txt"].replace(b"\n", b"x\n", 1)
    relist(files)


def garble(files: dict[str, bytes]) -> None:
    files[ENTRIES] = b"{}\n" + files[ENTRIES]
    relist(files)


def forge(files: dict[str, bytes], more: bytes) -> None:
    """An entry that hashes to what it says and is of another shape than any that was written."""
    entry = json.loads(files[ENTRIES].splitlines()[0])
    entry |= {"kind": "evidence.preserve", "body": {"incident": "INC-1"} | json.loads(more)}
    entry["hash"] = entry_hash(entry)
    files[ENTRIES] = canonical(entry).encode() + b"\n" + files[ENTRIES]
    relist(files)


def two_heads(files: dict[str, bytes]) -> None:
    files["head.txt"] += b"\n" + files["head.txt"]
    relist(files)


def no_head(files: dict[str, bytes]) -> None:
    files["head.txt"] = b"nothing"
    relist(files)


@pytest.mark.parametrize(
    ("change", "flaw"),
    [
        (partial(forge, more=b"{}"), "does not say which files"),
        (partial(forge, more=b'{"files": 1}'), "does not say which files"),
        (partial(forge, more=b'{"files": ["x"]}'), "does not say which files"),
        (two_heads, "holds 2 signed heads"),
        (no_head, "holds no signed head"),
        (edit, "does not hash to what SHA256SUMS says"),
        (edit_and_list, "is not named by its hash"),
        (swap, "no ledger entry speaks of"),
        (drop, "is gone"),
        (drop_and_list, "was preserved and is not here"),
        (add, "is there and not listed"),
        (rewrite, "was changed"),
        (garble, "is no ledger entry"),
        (unprove, "does not prove entry"),
        (other_head, "does not prove entry"),
    ],
)
def test_each_change_is_a_flaw(change: Change, flaw: str, exported: Path) -> None:
    with zipfile.ZipFile(exported) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    change(files)
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    other = exported.with_name("changed.zip")
    other.write_bytes(made.getvalue())
    flaws = verify_export(other).flaws
    assert any(flaw in one for one in flaws), flaws


def test_what_is_no_export_is_said_so(exported: Path, tmp_path: Path) -> None:
    cut = tmp_path / "cut.zip"
    cut.write_bytes(exported.read_bytes()[:-100])
    empty = tmp_path / "empty.zip"
    with zipfile.ZipFile(empty, "w"):
        pass
    for path in (cut, empty):
        with pytest.raises(RequestError, match="no whole export"):
            verify_export(path)
    with pytest.raises(RequestError, match="cannot read"):
        verify_export(tmp_path / "none.zip")
