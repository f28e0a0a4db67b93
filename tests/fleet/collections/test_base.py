from __future__ import annotations

from datetime import UTC, datetime

import pytest

from sekisho.fleet.collections import base
from sekisho.fleet.collections.base import (
    Collection,
    Gathered,
    machine,
    object_of,
    row_of,
    text_of,
    time_of,
)


@pytest.mark.parametrize("line", [b"[1]", b"{", b'{"a":' * 100_000, b"\xff", b"1"])
def test_what_is_no_object_is_told(line: bytes) -> None:
    with pytest.raises(ValueError, match=r"JSON|nested"):
        object_of(line)


def test_values_are_text_and_bounded() -> None:
    assert row_of({"Name": 1, "b": True, "c": None, "d": {"x": 1}}) == {
        "name": "1",
        "b": "1",
        "c": "",
        "d": "",
    }
    assert len(text_of("x" * 10_000)) == base.LONGEST
    assert "\0" not in text_of("a\0b")
    with pytest.raises(ValueError, match="columns"):
        row_of({str(n): n for n in range(500)})
    with pytest.raises(ValueError, match="no object"):
        row_of("x")


def test_rows_beyond_the_bound_make_a_table_that_is_not_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(base, "MOST_ROWS", 1)
    table = Gathered()
    table.add({})
    assert table.whole
    table.add({})
    assert (len(table.rows), table.whole, table.why) == (1, False, "more than 1 rows")


def test_all_that_is_set_aside_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(base, "MOST_ASIDE", 2)
    found = Collection()
    for row in range(5):
        found.leave(row, "bad")
    assert (len(found.aside), found.aside_count) == (2, 5)


def test_who_it_is_of() -> None:
    uuid = "4c4c4544-0042-3510-8052-b4c04f564433"
    assert machine("pc1", uuid).uuid == uuid
    assert machine("pc1", "nonsense").uuid == ""
    for name, given in (("", ""), ("<b>", uuid), ("", "0" * 32)):
        with pytest.raises(ValueError, match="machine"):
            machine(name, given)


def test_times_of_every_unit() -> None:
    at = datetime(2026, 3, 1, tzinfo=UTC)
    seconds = int(at.timestamp())
    for value in (seconds, str(seconds), seconds * 1000, seconds * 10**9, "2026-03-01T00:00:00Z"):
        assert time_of(value) == at
    for value in (None, "", "soon", -5, float("inf"), [], "9" * 400):
        assert time_of(value) is None


def test_a_byte_that_is_no_text_costs_itself_alone() -> None:
    assert object_of(b'{"path": "C:\\\\x\xff.exe"}') == {"path": "C:\\x\ufffd.exe"}
