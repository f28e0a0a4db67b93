from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.fleet.sigma.conftest import event

RULE = """\
title: Something evil
author: Somebody
level: {level}
logsource: {{product: windows, category: process_creation}}
detection: {{s: {{CommandLine|contains: evil}}, condition: s}}
"""


@pytest.fixture
def fleet(raw_company: Path, sekisho: Callable[..., Any]) -> Callable[..., Any]:
    return lambda *words: sekisho("--workspace", raw_company, "fleet", *words)


def test_rules_are_listed_and_asked(fleet: Callable[..., Any], tmp_path: Path) -> None:
    folder = tmp_path / "rules"
    folder.mkdir()
    (folder / "high.yml").write_text(RULE.format(level="high"))
    (folder / "low.yml").write_text(RULE.format(level="low"))
    lines = tmp_path / "events.ndjson"
    lines.write_text(json.dumps(event({"CommandLine": "evil \x1b[31m"}, host="pc-1")) + "\n")
    assert fleet("import", lines).status == 0
    listed = fleet("sigma", "rules", "--rules", folder)
    assert "2 rules; events of 1 machine" in listed.out
    found = fleet("sigma", "run", "--rules", folder)
    assert found.status == 0
    assert "1 rule asked of 1 event of 1 machine: 1 finding on 1 machine" in found.out
    assert all(len(line) <= 80 for line in (found.out + listed.out).splitlines())
    assert "\x1b[31m" not in found.out
    low = fleet("sigma", "run", "--rules", folder, "--level", "low", "--look", "-f", "json")
    document = json.loads(low.out)
    assert (document["schema"], document["asked"], document["answered"]) == (
        "sekisho.fleet-sigma/1",
        2,
        False,
    )
    assert document["findings"][0]["rule"]["author"] == "Somebody"


def test_a_request_that_is_wrong_says_so(fleet: Callable[..., Any], tmp_path: Path) -> None:
    assert fleet("sigma", "run").status == 2
    assert fleet("sigma", "run", "--rules", tmp_path / "none").status == 2
    (tmp_path / "bad.yml").write_text("title: [\n")
    found = fleet("sigma", "run", "--rules", tmp_path)
    assert found.status == 2
    assert "bad.yml:" in found.err
