from __future__ import annotations

import json
from typing import Any

from tests.fleet.sigma.conftest import event

from sekisho.fleet.collections.event_lines import is_events, read


class Kept:
    def __init__(self) -> None:
        self.rows: list[int] = []
        self.missed: list[tuple[int, str]] = []

    def add(self, row: int, record: Any) -> None:
        self.rows.append(row)

    def miss(self, row: int, why: str) -> None:
        self.missed.append((row, why))


def test_it_is_known_by_its_first_line() -> None:
    line = json.dumps(event({"CommandLine": "x"})).encode()
    assert is_events(line + b"\n{}")
    assert is_events(b"\xef\xbb\xbf" + line)
    assert not is_events(b'{"name": "pack", "hostIdentifier": "x"}')
    assert not is_events(line[:-5])
    assert not is_events(b"{" * 50_000)


def test_events_are_kept_and_what_is_none_is_set_aside() -> None:
    lines = [
        json.dumps(event({}, host="PC-1")).encode(),
        b"[]",
        b'{"other": 1}',
        json.dumps(event({}, host="not a name!")).encode(),
        json.dumps(event({}, host="PC-2")).encode(),
    ]
    kept = Kept()
    found = read(enumerate(lines, 1), kept)
    assert sorted(who.hostname for who, _ in found.machines.values()) == ["PC-1", "PC-2"]
    assert kept.rows == [1, 5]
    assert [row for row, _ in kept.missed] == [2, 3, 4]
    assert found.aside_count == 3
