from __future__ import annotations

import json
from collections.abc import Callable
from email import message_from_string
from pathlib import Path
from typing import Any

import pytest

SETTINGS = """
[watch.sinks.out]
kind = "jsonl"
[watch.sinks.chat]
kind = "slack"
url = {env = "SLACK"}
severity = "high"
[watch.sinks.mail]
kind = "email"
host = "127.0.0.1"
port = 1
security = "none"
sender = "sekisho@example.org"
recipients = ["soc@example.org"]
"""


@pytest.fixture
def told(company: Path) -> Path:
    (company / "sekisho.toml").write_text(SETTINGS)
    return company


def test_they_are_listed_without_their_secrets(
    told: Path, sekisho: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SLACK", "https://hooks.example.org/t0ken")
    ran = sekisho("--workspace", told, "sink", "list", "-f", "json")
    assert ran.status == 0
    rows = json.loads(ran.out)["sinks"]
    assert [row["name"] for row in rows] == ["out", "chat", "mail"]
    assert rows[1] == {"name": "chat", "kind": "slack", "severity": "high", "target": "env SLACK"}
    assert "t0ken" not in ran.out + ran.err


def test_none(company: Path, sekisho: Callable[..., Any]) -> None:
    ran = sekisho("--workspace", company, "sink", "list")
    assert ran.status == 0
    assert "told nowhere" in " ".join(ran.out.split())


def test_a_test_alert_on_standard_output(told: Path, sekisho: Callable[..., Any]) -> None:
    ran = sekisho("--workspace", told, "sink", "test", "out")
    assert ran.status == 0
    assert json.loads(ran.out)["title"] == "Test of the sink out"


def test_what_would_be_sent(told: Path, sekisho: Callable[..., Any]) -> None:
    ran = sekisho("--workspace", told, "sink", "test", "mail", "--show")
    assert ran.status == 0
    assert message_from_string(ran.out)["Subject"] == "[info] Test of the sink mail"


def test_what_does_not_arrive_is_an_error(told: Path, sekisho: Callable[..., Any]) -> None:
    ran = sekisho("--workspace", told, "sink", "test", "mail")
    assert ran.status == 2
    assert "error: mail: 127.0.0.1" in ran.err
    assert sekisho("--workspace", told, "sink", "test", "nobody").status == 2
