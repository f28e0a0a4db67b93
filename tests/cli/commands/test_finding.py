from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture
def ids(company: Path, sekisho: Callable[..., Any]) -> list[str]:
    listed = json.loads(sekisho("--workspace", company, "finding", "list", "-f", "json").out)
    return [f["id"] for f in listed["findings"]]


def statuses(company: Path, sekisho: Callable[..., Any]) -> dict[str, str]:
    document = json.loads(sekisho("--workspace", company, "audit", "-f", "json").out)
    return {f["id"]: f["life"]["status"] for f in document["findings"]}


def test_a_life(company: Path, sekisho: Callable[..., Any], ids: list[str]) -> None:
    at = ("--workspace", company, "finding")
    assert sekisho(*at, "assign", ids[0], "ken", "--why", "first look").status == 0
    assert sekisho(*at, "accept", ids[1], "--why", "CHG-9", "--until", "2099-12-31").status == 0
    assert sekisho(*at, "false-positive", ids[2], "--why", "lab").status == 0
    assert sekisho(*at, "close", ids[3], "--why", "rebuilt").status == 0
    after = statuses(company, sekisho)
    assert after[ids[1]] == "accepted"
    assert after[ids[2]] == "false_positive"
    assert after[ids[3]] == "closed"
    shown = sekisho(*at, "show", ids[1])
    assert "aiko" in shown.out
    assert "CHG-9" in shown.out
    assert sekisho(*at, "reopen", ids[3], "--why", "again").status == 0
    assert statuses(company, sekisho)[ids[3]] == "open"
    ledger = sekisho("--workspace", company, "ledger", "show", "-f", "json").out
    assert ledger.count("finding.") == 5


def test_an_expired_acceptance_opens_again(
    company: Path, sekisho: Callable[..., Any], ids: list[str]
) -> None:
    ran = sekisho(
        "--workspace", company, "finding", "accept", ids[0], "--why", "x", "--until", "2020-01-01"
    )
    assert ran.status == 2, "a day that is past is a slip"
    assert statuses(company, sekisho)[ids[0]] == "open"


def test_a_decision_needs_a_reason(company: Path, sekisho: Callable[..., Any], ids: list[str]) -> None:
    assert sekisho("--workspace", company, "finding", "close", ids[0]).status == 2
    assert sekisho("--workspace", company, "finding", "close", ids[0], "--why", " ").status == 2
    assert sekisho("--workspace", company, "finding", "close", "F-nothing", "--why", "x").status == 2


def test_the_last_day_is_named(company: Path, sekisho: Callable[..., Any], ids: list[str]) -> None:
    at = ("--workspace", company, "finding", "accept", ids[0], "--why", "x", "--until")
    assert sekisho(*at, "2099-12-31").out == f"{ids[0]}: accepted until 2099-12-31\n"
    assert "2020-12-31 is past" in sekisho(*at, "2020-12-31").err
    assert sekisho(*at, "30d").status == 0, "in 30 days, not 30 days ago"
