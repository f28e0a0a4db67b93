from __future__ import annotations

from pathlib import Path

import pytest

from sekisho.app.checking import units
from sekisho.app.checking.units import Unit, units_of
from sekisho.errors import RequestError


@pytest.fixture
def place(tmp_path: Path) -> Path:
    for name in ("kape/PC1/C/Windows/a", "kape/PC1/csv/b.csv", "kape/PC2/C/Users/a", "inventory.csv"):
        path = tmp_path / "p" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    return tmp_path / "p"


def test_machines_are_taken_as_one_each_and_the_rest_file_by_file(place: Path) -> None:
    assert list(units_of([place])) == [
        Unit(place / "kape/PC1", tree=True),
        Unit(place / "kape/PC2", tree=True),
        Unit(place / "inventory.csv"),
    ]
    assert list(units_of([place], "pc9")) == [Unit(place, tree=True)]
    with pytest.raises(RequestError, match="not there"):
        list(units_of([place / "nowhere"]))


def test_many_files_are_asked_for_in_parts(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(units, "MOST_FILES", 0)
    with pytest.raises(RequestError, match="more than 0 files"):
        list(units_of([place]))


def test_the_hash_is_of_content_names_and_whose_it_is_said_to_be(place: Path) -> None:
    one = Unit(place / "kape/PC1", tree=True)
    before = one.sha256()
    assert before == one.sha256() != one.sha256("pc9")
    assert Unit(place / "inventory.csv").sha256() != Unit(place / "inventory.csv").sha256("pc9")
    (place / "kape/PC1/C/Windows/a").rename(place / "kape/PC1/C/Windows/b")
    assert one.sha256() != before
    assert one.holds_files
    assert Unit(Path("x.ZIP")).holds_files
    assert not Unit(Path("x.csv")).holds_files
