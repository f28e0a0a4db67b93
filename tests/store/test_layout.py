"""Where things lie, and which names are the lake's own."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from sekisho.store.layout import (
    OWN_FILE,
    Layout,
    day_folder,
    make_folder,
    new_run,
    remove_file,
    remove_tree,
    sync_folders,
)


def test_everything_lies_below_the_root_and_apart(tmp_path: Path) -> None:
    layout = Layout(tmp_path)
    places = [*layout.folders(), layout.version, layout.manifest]
    assert len(set(places)) == len(places)
    assert {place.parent for place in places} == {tmp_path}
    assert layout.staging in layout.folders()
    assert layout.absolute("flows/day=2024-03-04/x.parquet").parent.parent == layout.flows


@pytest.mark.parametrize("end", ["s-19786-0", "f12-19786-0", "s--200-0", "rejects", "19786"])
def test_names_of_runs_are_own_names(end: str) -> None:
    first, second = new_run(), new_run()
    assert first != second
    assert OWN_FILE.fullmatch(f"{first}-{end}.parquet")


@pytest.mark.parametrize(
    "name",
    ["notes.parquet", "0123456789ab.parquet", "0123456789ab-x.csv", "0123456789ab-../x.parquet"],
)
def test_names_of_others_are_not(name: str) -> None:
    assert not OWN_FILE.fullmatch(name)


def test_a_day_is_a_partition_that_other_engines_know() -> None:
    assert day_folder(date(2024, 3, 4)) == "day=2024-03-04"


def test_folders_are_made_with_their_parents_and_twice_is_no_error(tmp_path: Path) -> None:
    made = tmp_path / "flows" / "day=2024-03-04"
    make_folder(made, tmp_path)
    make_folder(made, tmp_path)
    sync_folders([made, made, made.parent])
    assert made.is_dir()


def test_what_is_gone_already_is_gone(tmp_path: Path) -> None:
    file = tmp_path / "a" / "x"
    file.parent.mkdir()
    file.write_text("x")
    for _ in range(2):
        remove_file(file)
        assert not file.exists()
    for _ in range(2):
        remove_tree(file.parent)
        assert not file.parent.exists()
