from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from sekisho.app.writing import refuse_existing, whole, whole_new
from sekisho.errors import RequestError


def halves() -> Iterator[str]:
    yield "half"
    raise ValueError("broken")


def test_what_was_there_stays_until_all_is_written(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("old")
    with pytest.raises(ValueError, match="broken"), whole(path) as part, part.open("w") as file:
        file.writelines(halves())
    assert path.read_text() == "old"
    with whole(path) as part:
        part.write_text("new")
        assert path.read_text() == "old"
    assert path.read_text() == "new"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("place", ["", "missing/a.txt", "taken"])
def test_where_nothing_can_be_written(
    tmp_path: Path, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "taken").mkdir()
    with pytest.raises(RequestError, match="cannot write"), whole(Path(place)) as part:
        part.write_text("x")
    assert [one.name for one in tmp_path.iterdir()] == ["taken"]


def test_a_new_file_is_its_owners_alone_and_replaces_nothing(tmp_path: Path) -> None:
    path = tmp_path / "a.tar"
    with whole_new(path) as part:
        assert part.stat().st_mode & 0o777 == 0o600
        part.write_text("evidence")
        assert not path.exists()
    assert path.read_text() == "evidence"
    assert path.stat().st_mode & 0o777 == 0o600
    with pytest.raises(RequestError, match="exists already"), whole_new(path):
        pytest.fail("nothing is begun where the name is taken")
    with pytest.raises(RequestError, match="exists already"):
        refuse_existing(path)
    assert list(tmp_path.iterdir()) == [path]


def test_what_a_killed_process_of_the_same_number_left_is_in_nobodys_way(tmp_path: Path) -> None:
    (tmp_path / f".a.tar.{os.getpid()}.part").touch()
    with whole_new(tmp_path / "a.tar") as part, whole_new(tmp_path / "b.tar") as other:
        part.write_text("evidence")
        other.write_text("more")
    assert (tmp_path / "a.tar").read_text() == "evidence"


def test_what_takes_the_name_meanwhile_stays(tmp_path: Path) -> None:
    path = tmp_path / "a.tar"
    with pytest.raises(RequestError, match="exists already"), whole_new(path) as part:
        part.with_name(path.name).write_text("theirs")
    assert path.read_text() == "theirs"
    assert list(tmp_path.iterdir()) == [path]


def test_nothing_is_left_of_a_new_file_that_failed(tmp_path: Path) -> None:
    with (
        pytest.raises(ValueError, match="broken"),
        whole_new(tmp_path / "a.tar") as part,
        part.open("w") as file,
    ):
        file.writelines(halves())
    assert list(tmp_path.iterdir()) == []
