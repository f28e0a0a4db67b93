from __future__ import annotations

from pathlib import Path

import pytest

from sekisho.app.settings.loading import load, parse
from sekisho.errors import FileProblems, Problem, RequestError

SQLITE = "sqlite:///x.db"


def wrong(text: str, **environ: str) -> list[Problem]:
    with pytest.raises(FileProblems) as error:
        parse(text, "sekisho.toml", environ)
    return list(error.value.problems)


def test_environment_then_file_then_default() -> None:
    text = '[store]\nthreads = 2\nmemory_limit = "2GiB"\n'
    found = parse(text, "sekisho.toml", {"SEKISHO_STORE_THREADS": "8", "HOME": "/"})
    shown = {row.key.label: (row.value, row.origin) for row in found.show()}
    assert shown["store.threads"] == (8, "environment SEKISHO_STORE_THREADS")
    assert shown["store.memory_limit"] == ("2GiB", "sekisho.toml:3")
    assert shown["audit.acceptance_days"] == (90, "default")


def test_everything_that_is_wrong_with_its_place() -> None:
    text = 'timezone = "Asia/Tokio"\n\n[store]\n  threads = 0\nthreds = 1\n[audit]\nfail_on = "bad"\n'
    found = [(p.line, p.column, p.code) for p in wrong(text)]
    assert found == [
        (1, 1, "settings/value"),
        (4, 3, "settings/value"),
        (5, 1, "settings/unknown"),
        (7, 1, "settings/value"),
    ]
    assert "'threads'" in next(p.mend for p in wrong(text) if p.line == 5)


def test_what_the_environment_gets_wrong() -> None:
    (unknown,) = wrong("", SEKISHO_STORE_THREDS="1")
    assert (unknown.file, unknown.mend) == ("environment", "Did you mean SEKISHO_STORE_THREADS?")
    (value,) = wrong("[store]\nthreads = 1\n", SEKISHO_STORE_THREADS="many")
    assert (value.file, value.line) == ("environment SEKISHO_STORE_THREADS", 0)


@pytest.mark.parametrize("number", ["nan", "inf", "-1", '"x"', "true1"])
def test_numbers_out_of_bounds(number: str) -> None:
    assert [p.line for p in wrong(f"\n[store]\nlock_timeout = {number}\n")] == [3]


@pytest.mark.parametrize("text", ["a = \n", "[store\n", "x = 1\nx = 2\n", "a = " + "[" * 20_000])
def test_no_toml(text: str) -> None:
    (problem,) = wrong(text)
    assert (problem.code, problem.line >= 1) == ("settings/syntax", True)


def test_a_database_login_is_shown_as_where_it_is_kept() -> None:
    environ = {"SEKISHO_STATE_URL": "postgresql://u:hunter2@h/d"}
    found = parse("", "sekisho.toml", environ)
    assert "hunter2" not in repr(found)
    (row,) = (row for row in found.show() if row.key.label == "state.url")
    assert row.value == "env SEKISHO_STATE_URL"
    assert "hunter2" not in str(wrong('[state]\nurl = "postgresql://u:hunter2@h/d"\n'))
    plain = parse(f'[state]\nurl = "{SQLITE}"\n', "sekisho.toml", {})
    assert plain.settings.state.url == SQLITE


def test_files_that_cannot_be_settings(tmp_path: Path) -> None:
    path = tmp_path / "sekisho.toml"
    with pytest.raises(RequestError, match="cannot read"):
        load(path, {})
    path.write_bytes(b'name = "a"\nuser = "\xff"\n')
    with pytest.raises(FileProblems) as error:
        load(path, {})
    assert (error.value.problems[0].code, error.value.problems[0].line) == ("settings/encoding", 2)
    path.write_bytes(b"#" * (1024 * 1024 + 1))
    with pytest.raises(FileProblems, match="larger"):
        load(path, {})
