from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sekisho.cli.commands import doctor


def test_help_says_how_a_run_ends(sekisho: Callable[..., Any]) -> None:
    ran = sekisho("--help")
    assert ran.status == 0
    assert "integrity broken" in " ".join(ran.out.split())
    assert max(map(len, ran.out.splitlines())) <= 80


def test_an_internal_error_leaves_a_report_without_values(
    company: Path, sekisho: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        hunter2 = "hunter2"
        raise ZeroDivisionError(len(hunter2) // 0)

    monkeypatch.setattr(doctor, "examine", broken, raising=False)
    for name in ("checks", "check", "doctor", "use", "run"):
        if hasattr(doctor, name):
            monkeypatch.setattr(doctor, name, broken)
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
