from __future__ import annotations

from sekisho.fleet.checks.settings import asking, values


def test_values_by_the_end_of_their_path() -> None:
    rows = [{"path": r"HKLM\A\B", "data": " 1 "}, {"key": r"HKLM\a", "name": "b"}, {"path": r"HKLM\AB"}]
    assert list(values(rows, r"\a\b")) == [(r"HKLM\A\B", "1"), (r"HKLM\a\b", "")]


def test_the_question_names_each_path() -> None:
    assert asking([r"HKLM\A", r"HKLM\B"]).endswith(r"WHERE path IN ('HKLM\A', 'HKLM\B')")
