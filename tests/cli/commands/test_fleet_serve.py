from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture
def ask(raw_company: Path, sekisho: Callable[..., Any]) -> Callable[..., Any]:
    return lambda *words: sekisho("--workspace", raw_company, "fleet", *words)


def test_a_secret_is_shown_once_and_retired(ask: Callable[..., Any]) -> None:
    made = ask("secret", "new", "--site", "th-plant", "--why", "rollout")
    assert made.status == 0
    secret = made.out.strip()
    assert len(secret) == 43
    listed = ask("secret", "list", "--format", "json")
    (one,) = json.loads(listed.out)["secrets"]
    assert (one["site"], one["retired"]) == ("th-plant", None)
    assert secret not in listed.out
    assert one["id"] in made.err
    assert ask("secret", "retire", one["id"]).status == 0
    assert ask("secret", "retire", one["id"]).status == 2
    assert "0 secrets to enrol with" in ask("secret", "list").out
    assert ask("secret", "new", "--site", "nowhere").status == 2


def test_without_a_certificate_it_says_what_is_missing(ask: Callable[..., Any]) -> None:
    ran = ask("serve", "--listen", "127.0.0.1:0")
    assert ran.status == 2
    assert "no certificate" in ran.err
    assert ask("serve", "--listen", "8443").status == 2


def test_how_it_stands_is_said_without_it(ask: Callable[..., Any]) -> None:
    ran = ask("serve", "--status")
    assert ran.status == 0
    assert "0 nodes, 0 heard lately" in ran.out
    assert json.loads(ask("serve", "--status", "-f", "json").out)["schema"] == "sekisho.fleet-service/1"
