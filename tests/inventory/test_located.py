from __future__ import annotations

from collections.abc import Callable

import pytest

from sekisho.errors import FileProblems, Problem
from sekisho.inventory.located import Problems, did_you_mean

SITES = "sites:\n  jp:\n    country: JP\n    prefixes: [10.1.0.0/16]\n"


def test_what_was_meant() -> None:
    assert did_you_mean("Jp-Hq", ["jp-hq", "th"]) == "did you mean `jp-hq`?"
    assert did_you_mean("IOS", ["windows", "cisco-ios"]) == "did you mean `cisco-ios`?"
    assert did_you_mean("zzz", ["jp-hq"], "write it so") == "write it so"
    assert "jp-hq" in did_you_mean("zzz", ["jp-hq"])
    assert did_you_mean("zzz", []) is not None


def test_errors_stop_and_warnings_do_not() -> None:
    problems = Problems()
    problems.add("f", (2, 1), "x/y", "later", level="warning")
    problems.add("f", (1, 1), "x/y", "sooner", level="warning")
    assert [problem.message for problem in problems.check()] == ["sooner", "later"]
    problems.add("f", (3, 1), "x/z", "wrong")
    with pytest.raises(FileProblems) as raised:
        problems.check()
    assert len(raised.value.problems) == 3


@pytest.mark.parametrize(
    ("text", "expected", "says"),
    [
        ("sites:\n  jp: {contry: JP, prefixes: []}\n", (2, 8, "file/unknown-key"), "`country`"),
        ("sites:\n  jp: {country: JP}\n", (2, 7, "file/missing-key"), "prefixes"),
        (SITES + "    external: maybe\n", (5, 15, "file/value"), "observe"),
        (SITES + "    name: [a]\n", (5, 11, "file/type"), "a list"),
        (SITES + "sensors:\n  e: {site: jp, sampling: x}\n", (6, 27, "file/type"), "x"),
        (SITES + "sensors:\n  e: 7\n", (6, 6, "file/type"), "7"),
    ],
)
def test_shapes_tell_place_and_mend(
    text: str,
    expected: tuple[int, int, str],
    says: str,
    problems: Callable[..., tuple[Problem, ...]],
) -> None:
    found = [p for p in problems(text) if p.level == "error"]
    assert [(p.line, p.column, p.code) for p in found] == [expected]
    assert says in found[0].mend


def test_a_place_in_a_list_is_told_by_its_key(problems: Callable[..., tuple[Problem, ...]]) -> None:
    text = SITES + "sensors:\n  e: {site: jp, sees: [edge, sideways]}\n  f: 7\n"
    texts = [p.message for p in problems(text) if p.level == "error"]
    assert texts == [
        "`sideways` is nothing that `sees` may be",
        "sensor f: must be a map of `key: value`",
    ]
