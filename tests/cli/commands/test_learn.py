from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from sekisho.notify.learning.veris import veris_schema


@pytest.fixture
def run(company: Path, sekisho: Callable[..., Any]) -> Callable[..., Any]:
    sekisho("--workspace", company, "investigate", "open", "--host", "th-app02", "--title", "Rayong")
    return lambda *words: sekisho("--workspace", company, "learn", *words)


def test_from_a_lesson_to_a_closed_action(run: Callable[..., Any], tmp_path: Path) -> None:
    assert "0 lessons" in run("show", "1").out
    assert "1 lesson" in run("lesson", "1", "Links need an owner").out
    action = ("action", "1", "Name owners", "--owner", "ken", "--lesson", "L-1", "--due")
    assert run(*action, "soon").status == 2
    assert "1 overdue" in run(*action, "2020-06-30").out
    assert run("close", "1", "A-1", "--evidence", "file:none").status == 2
    proof = tmp_path / "owners.csv"
    proof.write_text("TH-HQ-EDI,logistics\n")
    assert "1 closed" in run("close", "1", "A-1", "--evidence", f"file:{proof}").out
    document = json.loads(run("show", "1", "--format", "json").out)
    assert document["schema"] == "sekisho.learning/1"
    assert document["actions"][0]["evidence"][0]["kind"] == "file"


def test_coding(run: Callable[..., Any], tmp_path: Path) -> None:
    assert "Desktop sharing" in run("veris", "1", "--words").out
    assert "timeline.incident" in run("veris", "1", "--propose").out
    assert run("veris", "1", "--propose", "--set", "confidence=High").status == 2
    assert run("veris", "1", "--set", "confidence=Sure").status == 2
    assert "1 field coded" in run("veris", "1", "--take", "timeline.incident").out
    words = (
        "security_incident=Confirmed",
        "actor.external.variety=Unknown",
        "actor.external.motive=Unknown",
        "action.hacking.variety=Unknown",
        "action.hacking.vector=Unknown",
        "asset.assets=S - File=1",
        "attribute.confidentiality.data_disclosure=Unknown",
        "discovery_method.internal.variety=Log review",
    )
    file = tmp_path / "veris.json"
    coded = run("veris", "1", *(part for word in words for part in ("--set", word)), "--record", file)
    assert "the VERIS record is whole" in coded.out
    jsonschema.validate(json.loads(file.read_text()), veris_schema())
