from __future__ import annotations

import os
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sekisho.intel.base import FeedError
from sekisho.intel.folders import files as module
from sekisho.intel.folders.files import files, fingerprint

AT = datetime(2020, 6, 11, tzinfo=UTC)


def make(root: Path) -> Path:
    folder = root / "rules"
    (folder / "b").mkdir(parents=True)
    (folder / ".git").mkdir()
    for name in ("b/two.yml", "one.YML", "readme.md", ".git/x.yml"):
        (folder / name).write_text(name)
        os.utime(folder / name, (AT.timestamp(), AT.timestamp()))
    (folder / "out.yml").symlink_to("/etc/passwd")
    return folder


def test_a_folder_a_zip_and_one_file(tmp_path: Path) -> None:
    folder = make(tmp_path)
    assert [(one.name, one.text) for one in files(folder, [".yml"])] == [
        ("one.YML", "one.YML"),
        ("b/two.yml", "b/two.yml"),
    ]
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        archive.writestr("../../b.yml", "b")
        archive.writestr("a.txt", "a")
    assert [(one.name, one.content) for one in files(tmp_path / "x.zip", [".yml"])] == [
        ("../../b.yml", b"b")
    ]
    assert [one.name for one in files(folder / "readme.md", [".yml"])] == ["readme.md"]


def test_a_folder_is_as_old_as_its_newest_file_and_another_one_when_a_file_is_other(
    tmp_path: Path,
) -> None:
    folder = make(tmp_path)
    before, newest = fingerprint(folder, [".yml"])
    assert newest == AT
    assert fingerprint(folder, [".yml"])[0] == before
    (folder / "one.YML").write_text("other")
    assert fingerprint(folder, [".yml"])[0] != before


def test_bounds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = make(tmp_path)
    monkeypatch.setattr(module, "LARGEST_FILE", 7)
    assert [one.content is None for one in files(folder, [".yml"])] == [False, True]
    monkeypatch.setattr(module, "MOST_FILES", 1)
    with pytest.raises(FeedError, match="more than 1 files"):
        list(files(folder, [".yml"]))


def test_what_is_no_folder(tmp_path: Path) -> None:
    with pytest.raises(FeedError, match="not there"):
        list(files(tmp_path / "none", [".yml"]))
    with zipfile.ZipFile(tmp_path / "x.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.yml", "a" * 10_000)
    damaged = bytearray((tmp_path / "x.zip").read_bytes())
    damaged[40:60] = b"\xff" * 20
    (tmp_path / "x.zip").write_bytes(damaged)
    with pytest.raises(FeedError, match="unpacked"):
        list(files(tmp_path / "x.zip", [".yml"]))
