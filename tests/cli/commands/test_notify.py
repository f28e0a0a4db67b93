from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture
def run(company: Path, sekisho: Callable[..., Any]) -> Callable[..., Any]:
    sekisho("--workspace", company, "investigate", "open", "--host", "th-app02", "--title", "Rayong")
    return lambda *words: sekisho("--workspace", company, "notify", *words)


def test_from_facts_to_delivery(run: Callable[..., Any], tmp_path: Path) -> None:
    assert "no clock can start" in run("facts", "1").out
    assert run("facts", "1", "--set", "people=5").status == 2
    proposed = json.loads(run("facts", "1", "--propose", "--format", "json").out)
    assert (proposed["schema"], proposed["facts"]) == ("sekisho.facts/1", [])
    assert "countries" in [one["name"] for one in proposed["proposals"]]
    said = ("--source", "09:00 call")
    assert run("facts", "1", "--set", "aware", "--at", "2020-06-11T09:00+07:00", *said).status == 0
    facts = ("--set", "countries=TH", "--set", "personal_data=yes", "--set", "risk=likely")
    assert "4 facts recorded" in run("facts", "1", *facts, *said).out
    document = json.loads(run("clocks", "1", "--format", "json").out)
    assert document["schema"] == "sekisho.clocks/1"
    (clock,) = [
        c for c in document["clocks"] if (c["obligation"], c["stage"]) == ("th-pdpa", "authority")
    ]
    assert {k: clock[k] for k in ("state", "anchor", "started", "due", "missing")} == {
        "state": "late",
        "anchor": "aware",
        "started": "2020-06-11T02:00:00.000000Z",
        "due": "2020-06-14T02:00:00.000000Z",
        "missing": [],
    }
    assert "th-pdpa" in run("clocks", "1").out
    assert "BEGIN:VEVENT" in run("clocks", "1", "--format", "ics").out
    ics = tmp_path / "due.ics"
    assert run("clocks", "1", "-f", "ics", "-o", ics).status == 0
    assert ics.read_bytes().endswith(b"END:VCALENDAR\r\n")
    assumed = run("clocks", "1", "--if", "risk=unlikely", "--all", "--obligation", "th-pdpa").out
    assert "Assumed: risk=unlikely" in assumed
    proof = tmp_path / "receipt.txt"
    proof.write_text("received")
    sent = ("deliver", "1", "th-pdpa", "authority", "--proof", proof)
    assert "met" in run(*sent, "--at", "2020-06-13T09:00Z").out
    assert run(*sent, "--at", "2999-01-01").status == 2
    written = run("draft", "1", "th-pdpa", "authority", "--out", tmp_path / "notice.html")
    assert (written.status, "version 1" in written.err) == (0, True)
    assert "no legal advice" in (tmp_path / "notice.html").read_text()


def test_laws_and_their_lint(company: Path, run: Callable[..., Any], tmp_path: Path) -> None:
    laws = json.loads(run("obligations", "--format", "json").out)
    assert laws["schema"] == "sekisho.obligations/1"
    assert run("obligations", "jp-api").status == 2
    assert "jp-appi" in run("obligations", "jp-appi").out
    assert "improper_purpose" in run("facts", "1", "--names").out
    bad = tmp_path / "insurer.yaml"
    bad.write_text("title: x\ntriger: personal_data\n")
    told = run("lint", bad, "--format", "csv")
    assert told.status == 2
    assert "triger" in told.out
    assert run("facts", "1", "--set", "people=5", "--propose", "--source", "x").status == 2
