from __future__ import annotations

from pathlib import Path

from pydantic import TypeAdapter

from sekisho.intel.json_lists import items, keep

NUMBERS = TypeAdapter(tuple[int, ...])


def test_a_list_is_kept_whole_and_what_cannot_be_read_is_none(tmp_path: Path) -> None:
    path = tmp_path / "intel" / "a.json"
    assert items(path, NUMBERS) == ()
    keep(path, NUMBERS, [1, 2])
    keep(path, NUMBERS, [2, 3])
    assert items(path, NUMBERS) == (2, 3)
    assert list(path.parent.iterdir()) == [path]
    path.write_text('[1, "x"')
    assert items(path, NUMBERS) == ()
