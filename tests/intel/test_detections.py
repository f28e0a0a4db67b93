from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest

from sekisho.errors import RequestError
from sekisho.intel import detections
from sekisho.intel.detections import Logsource, listed

RULE = """\
title: Copies to an admin share
id: 7d8a4a1c-0000-4000-8000-000000000001
status: test
author: Somebody
license: DRL-1.1
level: high
tags:
    - attack.lateral_movement
    - attack.t1021.002
logsource: {product: windows, category: process_creation}
detection:
    selection:
        EventID: 1
        Hex: 0x10
        Share: 1.5
        Quoted: '1'
        Empty: null
        On: yes
        Day: 2024-01-02
    condition: selection
"""


def _write(folder: Path, name: str, text: str | bytes) -> None:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode() if isinstance(text, str) else text)


def test_a_rule_is_listed_with_what_it_says_of_itself(tmp_path: Path) -> None:
    _write(tmp_path, "win/copy.yml", RULE)
    (one,) = listed(tmp_path).rules
    assert (one.title, one.level, one.status) == ("Copies to an admin share", "high", "test")
    assert one.logsource == Logsource("windows", "process_creation")
    assert one.tags == ("attack.lateral-movement", "attack.t1021.002")
    assert one.techniques == ("T1021.002",)
    assert (one.path, one.line, one.author, one.license) == ("win/copy.yml", 1, "Somebody", "DRL-1.1")


def test_values_have_the_types_that_rules_are_written_for(tmp_path: Path) -> None:
    _write(tmp_path, "copy.yml", RULE)
    found = listed(tmp_path).rules[0].body["detection"]["selection"]
    assert found == {
        "EventID": 1,
        "Hex": 16,
        "Share": 1.5,
        "Quoted": "1",
        "Empty": None,
        "On": True,
        "Day": "2024-01-02",
    }


def test_a_file_may_hold_several_rules_each_with_its_line(tmp_path: Path) -> None:
    other = "title: Many\nname: many\ncorrelation: {type: event_count, rules: [a]}\n"
    _write(tmp_path, "two.yaml", RULE + "---\n" + other)
    found = listed(tmp_path).rules
    assert [one.kind for one in found] == ["rule", "correlation"]
    assert found[1].line == RULE.count("\n") + 2
    assert str(found[1].logsource) == "any"


def test_what_is_no_rule_is_a_problem_with_its_place(tmp_path: Path) -> None:
    _write(tmp_path, "a.yml", "just: words\n")
    _write(tmp_path, "b.yml", RULE + "---\ntitle: [\n")
    _write(tmp_path, "c.yml", b"title: \xff\xfe\n")
    _write(tmp_path, "d.txt", "not looked at")
    found = listed(tmp_path)
    assert [one.title for one in found.rules] == ["Copies to an admin share"]
    assert {one.file for one in found.problems} == {"a.yml", "b.yml", "c.yml"}
    assert next(one for one in found.problems if one.file == "b.yml").line > RULE.count("\n")


def test_bounds_hold(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = ["a: &a [x, x, x, x, x, x, x, x]"]
    for before, name in pairwise("abcdefghi"):
        lines.append(f"{name}: &{name} [{', '.join(['*' + before] * 8)}]")
    _write(tmp_path, "bomb.yml", "\n".join(lines))
    _write(tmp_path, "deep.yml", "[" * 5000)
    _write(tmp_path, "large.yml", b"#" * (detections.LARGEST + 1))
    found = listed(tmp_path)
    assert not found.rules
    assert {one.file for one in found.problems} == {"bomb.yml", "deep.yml", "large.yml"}
    monkeypatch.setattr(detections, "MOST_FILES", 2)
    with pytest.raises(RequestError, match="more than 2 files"):
        listed(tmp_path)


def test_links_are_not_followed(tmp_path: Path) -> None:
    _write(tmp_path, "outside/rule.yml", RULE)
    inside = tmp_path / "inside"
    inside.mkdir()
    (inside / "rule.yml").symlink_to(tmp_path / "outside" / "rule.yml")
    assert listed(inside).rules == ()


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="is not there"):
        listed(tmp_path / "none")
