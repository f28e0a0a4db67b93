from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sekisho.app import doctor


def test_help_says_how_a_run_ends(sekisho: Callable[..., Any]) -> None:
    ran = sekisho("--help")
    assert ran.status == 0
    assert "integrity broken" in " ".join(ran.out.split())
    assert max(map(len, ran.out.splitlines())) <= 80


def test_help_leaves_out_nothing_that_stands_in_brackets(sekisho: Callable[..., Any]) -> None:
    said = " ".join(sekisho("collect", "--help").out.split())
    assert "the settings of [collect] in sekisho.toml" in said
    assert "the centre of [collect.forward], also after" in said


def test_an_internal_error_leaves_a_report_without_values(
    company: Path, sekisho: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        hunter2 = "hunter2"
        raise ZeroDivisionError(len(hunter2) // 0)

    monkeypatch.setattr(doctor, "examine", broken)
    ran = sekisho("--workspace", company, "doctor")
    assert ran.status == 70
    report = Path(ran.err.rsplit("report: ", 1)[1].strip())
    assert "ZeroDivisionError" in report.read_text()
    report.unlink()


def test_the_workspace_one_stands_in(
    company: Path, sekisho: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(company / "logs")
    assert sekisho("store", "stats").status == 0
    monkeypatch.chdir("/")
    assert sekisho("store", "stats").status == 2


@pytest.mark.parametrize("arguments", [["--version"], ["--help"], ["audit", "--help"]])
def test_what_needs_no_evidence_loads_nothing_that_reads_it(arguments: list[str]) -> None:
    code = (
        "import json, sys\n"
        f"sys.argv = ['sekisho', *{arguments!r}]\n"
        "from sekisho.cli.main import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "sys.stderr.write(json.dumps(sorted(sys.modules)))"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    heavy = {"numpy", "pyarrow", "duckdb", "sqlalchemy", "alembic", "jinja2", "structlog", "ruamel"}
    assert ran.stdout
    assert heavy.isdisjoint(json.loads(ran.stderr))
