from __future__ import annotations

from sekisho.fleet.checks.settings import values


def test_values_by_the_end_of_their_path() -> None:
    rows = [{"path": r"HKLM\A\B", "data": " 1 "}, {"key": r"HKLM\a", "name": "b"}, {"path": r"HKLM\AB"}]
    assert list(values(rows, r"\a\b")) == [(r"HKLM\A\B", "1"), (r"HKLM\a\b", "")]
