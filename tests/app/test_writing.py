from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from sekisho.app.writing import whole
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
