from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any


def test_seen_and_not_recorded(company: Path, sekisho: Callable[..., Any]) -> None:
    ran = sekisho("--workspace", company, "coverage", "-f", "json", "--until", "2020-06-08")
    assert ran.status == 0
    parts = [c for c in json.loads(ran.out)["coverage"] if c["sensor"] == "th-edge"]
    assert parts[0]["state"] == "seen"
    assert parts[0]["from"] == "2020-06-01T00:00:00.000000Z"
    assert parts[-1]["state"] == "no_data", "the logs end on the 6th"
    assert parts[-1]["to"] == "2020-06-09T00:00:00.000000Z"


def test_no_lake_yet(raw_company: Path, sekisho: Callable[..., Any]) -> None:
    ran = sekisho("--workspace", raw_company, "coverage")
    assert "othing was recorded" in ran.out + ran.err


def test_the_sensors_of_a_site(company: Path, sekisho: Callable[..., Any]) -> None:
    at = ("--workspace", company, "coverage", "-f", "json", "--site")
    document = json.loads(sekisho(*at, "th-plant").out)
    assert document["sensors"] == ["th-edge"]
    assert {item["sensor"] for item in document["coverage"]} == {"th-edge"}
    wrong = sekisho(*at, "nowhere")
    assert wrong.status == 2
    assert "th-plant" in wrong.err
