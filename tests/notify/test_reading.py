from __future__ import annotations

from pathlib import Path

import pytest

from sekisho.errors import FileProblems, RequestError
from sekisho.inventory.located import Problems
from sekisho.notify.reading import asked, in_force, own_files, read_obligation, shipped

GOOD = """\
title: Insurer
jurisdiction: insurer
citation: policy 7
as_of: 2026-01-01
confidence: secondary
applies: "yes"
trigger: personal_data
stages:
  notice: {kind: preliminary, to: [Insurer], anchor: aware, due: 10 days}
"""


def wrong(text: str, file: str = "obligations/insurer.yaml") -> list[str]:
    problems = Problems()
    assert read_obligation(file, text.encode(), problems, own=True) is None
    return [f"{p.line}:{p.column} {p.code}" for p in sorted(problems)]


def test_a_good_file_is_read() -> None:
    problems = Problems()
    read = read_obligation("obligations/insurer.yaml", GOOD.encode(), problems, own=True)
    assert problems == []
    assert read is not None
    assert (read.id, read.own, list(read.stages), read.calendar.zone) == (
        "insurer",
        True,
        ["notice"],
        "UTC",
    )


@pytest.mark.parametrize(
    ("old", "new", "places"),
    [
        (
            "trigger: personal_data",
            "trigger: personal_data and peopel > 5",
            ["7:28 obligation/expression"],
        ),
        ("trigger: personal_data", "trigger: \"risk = 'low'\"", ["7:18 obligation/expression"]),
        ("due: 10 days", "due: soon", ["9:66 obligation/due"]),
        ("anchor: aware", "anchor: awaer", ["9:54 obligation/anchor"]),
        ("anchor: aware", "anchor: people", ["9:54 obligation/anchor"]),
        ("anchor: aware", "anchor: stage:notice", ["9:54 obligation/anchor"]),
        ("as_of: 2026-01-01", "as_of: 2026-02-30", ["4:8 time/none"]),
        ("as_of: 2026-01-01", "as_of: 2026-01-01\nholidays: XX", ["5:11 obligation/holidays"]),
        ("as_of: 2026-01-01", "as_of: 2026-01-01\nclosed: [13-40]", ["5:9 obligation/closed"]),
        ("as_of: 2026-01-01", "as_of: 2026-01-01\nzone: Tokyo", ["5:7 timezone/unknown"]),
        ("confidence: secondary", "confidence: sure", ["5:13 file/value"]),
        ("title: Insurer", "titel: Insurer", ["1:1 file/missing-key", "1:1 file/unknown-key"]),
        ("stages:\n", "stages: {}\nx:\n", ["9:1 file/unknown-key"]),
    ],
)
def test_errors_have_their_places(old: str, new: str, places: list[str]) -> None:
    assert wrong(GOOD.replace(old, new)) == places


def test_a_file_named_badly_and_one_without_stages() -> None:
    assert wrong(GOOD, "obligations/My Insurer.yaml") == ["0:0 obligation/name"]
    assert wrong(GOOD.partition("stages:")[0] + "stages: {}\n") == ["8:9 obligation/stages"]


def test_conditions_are_read_although_the_rest_is_wrong() -> None:
    text = GOOD.replace("10 days}", "3 sols, when: peopel > 1, due_if: [{when: known x, due: 1 days}]}")
    text = text.replace(
        "trigger: personal_data", "trigger: people\nexceptions: [{when: yes and, why: x}]"
    )
    assert sorted(wrong(text)) == [
        "10:114 obligation/expression",
        "10:66 obligation/due",
        "10:80 obligation/expression",
        "7:10 obligation/expression",
        "8:28 obligation/expression",
    ]
    for odd in ("stages: [1]\n", "- a list\n", "stages: {a: 5}\nexceptions: {a: b}\n"):
        assert wrong(odd)
    problems = Problems()
    assert read_obligation("insurer.yaml", b"\xff\xfe\x00", problems, own=True) is None
    assert {problem.code for problem in problems} == {"file/encoding"}


def test_own_ones_stand_beside_and_replace(tmp_path: Path) -> None:
    assert own_files(tmp_path) == {}
    folder = tmp_path / "obligations"
    folder.mkdir()
    (folder / "insurer.yaml").write_text(GOOD)
    (folder / "jp-appi.yaml").write_text(GOOD)
    (folder / "notes.txt").write_text("not one")
    files = own_files(tmp_path)
    every = in_force(files)
    assert [one.id for one in every if one.own] == ["insurer", "jp-appi"]
    assert len(every) == len(shipped()) + 1
    assert asked(every, "jp-appi").shape.title == "Insurer"
    with pytest.raises(RequestError, match="no obligation jp-api"):
        asked(every, "jp-api")
    (folder / "insurer.yml").write_text(GOOD)
    with pytest.raises(FileProblems, match="read already"):
        in_force(own_files(tmp_path))
