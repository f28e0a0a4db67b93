"""Questions about names read nothing but the files that they are given."""

from __future__ import annotations

from pathlib import Path

from sekisho.store.queries import names


def test_paths_are_literals_and_all_else_is_bound() -> None:
    paths = [Path("/a'b/c.parquet")]
    for question in (names.sought(paths), names.beside(paths)):
        assert "read_parquet(['/a''b/c.parquet'])" in question
    assert "$1" in names.sought(paths)
    assert "LIMIT $1" in names.ORDERED
    assert "LIMIT $1" in names.GROUPED
