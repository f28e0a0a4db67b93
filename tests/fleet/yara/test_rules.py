from __future__ import annotations

from pathlib import Path

import pytest

from sekisho.errors import FileProblems, RequestError
from sekisho.fleet.yara import rules
from sekisho.fleet.yara.rules import compile_folder

GOOD = 'rule good { strings: $a = "x" condition: $a }'


def test_a_file_is_a_namespace(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "a.yar").write_text(GOOD)
    (tmp_path / "deep" / "b.YARA").write_text('rule good { condition: filename == "x" }')
    (tmp_path / "readme.txt").write_text("no rule")
    found = compile_folder(tmp_path).scan(b"x").matching_rules
    assert [(one.namespace, one.identifier) for one in found] == [("a.yar", "good")]


def test_every_error_has_its_place(tmp_path: Path) -> None:
    (tmp_path / "a.yar").write_text("rule a {\n condition: foo }\nrule b {\n condition: $b }")
    (tmp_path / "b.yar").write_text("rule c {")
    (tmp_path / "c.yar").write_bytes(b"// one\n\xff")
    (tmp_path / "d.yar").write_text('include "/etc/passwd"\n' + GOOD)
    (tmp_path / "e.yar").write_text(GOOD)
    with pytest.raises(FileProblems) as caught:
        compile_folder(tmp_path)
    places = [(Path(p.file).relative_to(tmp_path).as_posix(), p.line) for p in caught.value.problems]
    assert places == [("a.yar", 2), ("a.yar", 4), ("b.yar", 1), ("c.yar", 2), ("d.yar", 1)]
    first = caught.value.problems[0]
    assert (first.column, first.code) == (13, "yara/rule")
    assert "unknown identifier `foo`" in first.message


def test_what_is_no_folder_of_rules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(RequestError, match="is no folder"):
        compile_folder(tmp_path / "nowhere")
    with pytest.raises(RequestError, match="holds no YARA rules"):
        compile_folder(tmp_path)
    (tmp_path / "gone.yar").symlink_to("/nowhere")
    with pytest.raises(FileProblems, match="unreadable"):
        compile_folder(tmp_path)
    (tmp_path / "gone.yar").unlink()
    (tmp_path / "a.yar").write_text(GOOD)
    monkeypatch.setattr(rules, "MAX_FILE", 10)
    with pytest.raises(FileProblems, match="more than is taken"):
        compile_folder(tmp_path)
