from __future__ import annotations

from pathlib import Path

import pytest

from sekisho.app.mappings import load_mapping
from sekisho.errors import FileProblems, RequestError


def test_values_are_text_as_written(tmp_path: Path) -> None:
    (tmp_path / "fw.yaml").write_text("columns: {start: begin}\none_way: true\n")
    assert load_mapping(tmp_path, "fw.yaml") == {"columns": {"start": "begin"}, "one_way": "true"}


def test_nothing_outside_the_workspace_is_read(tmp_path: Path) -> None:
    root = tmp_path / "w"
    root.mkdir()
    (tmp_path / "fw.yaml").write_text("a: 1\n")
    (root / "link.yaml").symlink_to(tmp_path / "fw.yaml")
    for name in ("../fw.yaml", str(tmp_path / "fw.yaml"), "link.yaml"):
        with pytest.raises(RequestError, match="outside the workspace"):
            load_mapping(root, name)


@pytest.mark.parametrize("text", ["", "- a\n", "just words\n"])
def test_no_map(tmp_path: Path, text: str) -> None:
    (tmp_path / "fw.yaml").write_text(text)
    with pytest.raises(FileProblems) as error:
        load_mapping(tmp_path, "fw.yaml")
    assert error.value.problems[0].file == "fw.yaml"
    assert error.value.problems[0].mend


def test_errors_have_their_place(tmp_path: Path) -> None:
    (tmp_path / "fw.yaml").write_text("columns:\n  start: [\n")
    with pytest.raises(FileProblems) as error:
        load_mapping(tmp_path, "fw.yaml")
    assert error.value.problems[0].line >= 2
    with pytest.raises(RequestError, match="cannot be read"):
        load_mapping(tmp_path, "gone.yaml")
