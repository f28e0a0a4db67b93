from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from sekisho.app.logging import configure, info, logger, masked, printable
from sekisho.app.secrets import MASK, Secret


@pytest.fixture(autouse=True)
def _quiet_again() -> Iterator[None]:
    yield
    configure()


def test_a_line_of_json_on_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    configure("info", "json")
    info("decided", by="ken", token="x")
    shown = capsys.readouterr()
    assert shown.out == ""
    line = json.loads(shown.err)
    assert (line["event"], line["level"], line["by"], line["token"]) == ("decided", "info", "ken", MASK)
    assert line["timestamp"].endswith("Z")


def test_less_than_asked_for_is_not_said(capsys: pytest.CaptureFixture[str]) -> None:
    configure()
    info("decided")
    logger().info("decided")
    assert capsys.readouterr() == ("", "")
    logger().warning("look")
    assert "look" in capsys.readouterr().err


def test_secrets_are_hidden_however_deep() -> None:
    event = {
        "url": Secret("pg://u:p@h"),
        "headers": {"Authorization": "Bearer x", "accept": "*/*"},
        "tried": [{"api_key": "x"}, Secret("y")],
        "db_password": "x",
    }
    assert masked(None, "info", event) == {
        "url": MASK,
        "headers": {"Authorization": MASK, "accept": "*/*"},
        "tried": [{"api_key": MASK}, MASK],
        "db_password": MASK,
    }


def test_a_line_cannot_forge_another(capsys: pytest.CaptureFixture[str]) -> None:
    hostile = 'x\n{"event": "all well"}\x1b[2K'
    assert printable(None, "info", {"path": hostile})["path"] == ('x\\x0a{"event": "all well"}\\x1b[2K')
    configure("info", "text")
    info("file", path=hostile, nested=[hostile])
    err = capsys.readouterr().err
    assert err.count("\n") == 1
    assert "\x1b" not in err
