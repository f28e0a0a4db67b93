from __future__ import annotations

from pathlib import Path

import pytest

from sekisho.cli.session import Session
from sekisho.errors import RequestError


def test_who_asks(company: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEKISHO_USER", "ken")
    assert Session(company).who() == "ken"
    monkeypatch.delenv("SEKISHO_USER")
    (company / "sekisho.toml").write_text('user = "mika"\n')
    assert Session(company).who() == "mika"


def test_notes_are_no_part_of_the_result(capsys: pytest.CaptureFixture[str]) -> None:
    Session().note("next: [bold]x")
    Session(quiet=True).note("never")
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err == "next: [bold]x\n"


def test_what_a_terminal_obeys_is_spelled_out(capsys: pytest.CaptureFixture[str]) -> None:
    """Who leads an incident, why a finding was accepted: others wrote it, and somebody else reads it."""
    Session().say("with \x1b[2J\u202eken\nwrote all [red]")
    Session().note("kept \x1b]0;x\x07\u200b")
    shown = capsys.readouterr()
    assert shown.out == "with \\x1b[2J\\u202eken\\x0awrote all [red]\n"
    assert shown.err == "kept \\x1b]0;x\\x07\\u200b\n"


def test_no_workspace(tmp_path: Path) -> None:
    with pytest.raises(RequestError):
        Session(tmp_path).workspace()
    assert Session().now().utcoffset() is not None
