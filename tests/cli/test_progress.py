from __future__ import annotations

import json

import pytest

from sekisho.app.logging import configure
from sekisho.cli.progress import progress
from sekisho.cli.session import Session


def test_plain_lines_where_nobody_watches(capsys: pytest.CaptureFixture[str]) -> None:
    with progress(Session()) as step:
        for done in range(0, 101, 10):
            step("roll-up", done, 100)
    shown = capsys.readouterr()
    assert shown.out == "", "results alone go to standard output"
    assert "\x1b" not in shown.err


def test_quiet_is_quiet(capsys: pytest.CaptureFixture[str]) -> None:
    with progress(Session(quiet=True)) as step:
        step("roll-up", 1, 2)
    assert capsys.readouterr() == ("", "")


def test_verbose_logs_each_step_once(capsys: pytest.CaptureFixture[str]) -> None:
    configure("debug", "json")
    try:
        with progress(Session(verbose=True)) as step:
            for done in range(3):
                step("roll-up", done, 3)
            step("audit: evidence", 1, 6)
    finally:
        configure()
    shown = capsys.readouterr()
    assert shown.out == ""
    lines = [json.loads(line) for line in shown.err.splitlines()]
    assert [(line["event"], line["total"]) for line in lines] == [
        ("roll-up", 3),
        ("audit: evidence", 6),
    ]
