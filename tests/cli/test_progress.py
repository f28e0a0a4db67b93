from __future__ import annotations

import pytest

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
