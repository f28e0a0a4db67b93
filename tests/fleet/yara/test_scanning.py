from __future__ import annotations

from pathlib import Path

import pytest

from sekisho.fleet.yara.rules import compile_folder
from sekisho.fleet.yara.scanning import YaraRules

SLOW = """rule slow { condition: for all i in (0..100000000000): (i + uint8(i % filesize) >= 0) }"""


def rules(tmp_path: Path, text: str, seconds: int = 20) -> YaraRules:
    (tmp_path / "x.yar").write_text(text)
    return YaraRules(lambda: compile_folder(tmp_path), seconds=seconds)


def test_what_matches_by_content_and_by_name(tmp_path: Path) -> None:
    found = rules(
        tmp_path,
        'rule evil { strings: $a = "evil" condition: $a }\n'
        'rule double { condition: filename matches /\\.pdf\\.exe$/ and extension == ".exe" }\n'
        'rule place { condition: filepath contains "/Public/" }\n'
        "private rule hidden { condition: true }",
    )
    assert list(found.matches("C/Users/Public/a.pdf.exe", b"an evil one")) == [
        ("x.yar", "evil"),
        ("x.yar", "double"),
        ("x.yar", "place"),
    ]
    assert list(found.matches("a", b"")) == []


def test_what_takes_too_long_is_not_known(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="took longer than 1 s"):
        list(rules(tmp_path, SLOW, seconds=1).matches("a", b"content"))


def test_rules_are_compiled_once_and_not_before_there_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "x.yar").write_text("rule any_file { condition: true }")
    calls = []
    found = YaraRules(lambda: calls.append(1) or compile_folder(tmp_path))  # type: ignore[func-returns-value]
    assert not calls
    assert list(found.matches("a", b"")) == list(found.matches("b", b"")) == [("x.yar", "any_file")]
    assert calls == [1]
