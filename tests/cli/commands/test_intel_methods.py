from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

Sekisho = Callable[..., Any]


def test_techniques_and_gaps_from_the_package(company: Path, sekisho: Sekisho) -> None:
    def intel(*words: object) -> Any:
        return sekisho("--workspace", company, "intel", *words)

    added = intel("add", "attack", "--kind", "attack", "--package", "--licence", "ATT&CK")
    assert added.status == 0
    assert intel("refresh").status == 0
    ran = intel("techniques", "--until", "2020-06-05", "--format", "json")
    document = json.loads(ran.out)
    assert (ran.status, document["schema"]) == (0, "sekisho.methods/1")
    assert document["attack"]["version"] == "18.1"
    told = {one["id"]: one for one in document["techniques"]}
    standing = {one["site"]: one["standing"] for one in told["T1021.002"]["sites"]}
    assert standing["th-plant"] == "seen"
    gaps = intel("gaps", "--until", "2020-06-05", "--site", "th-plant")
    assert gaps.status == 0
    assert "T1537" in gaps.out
    assert max(map(len, gaps.out.splitlines())) <= 80
    layer = intel("gaps", "--format", "navigator")
    assert json.loads(layer.out)["domain"] == "enterprise-attack"
    assert intel("gaps", "--site", "mars").status == 2
    assert intel("techniques", "--tactic", "lateral").status == 2


def test_changes_and_the_brief(company: Path, sekisho: Sekisho) -> None:
    def intel(*words: object) -> Any:
        return sekisho("--workspace", company, "intel", *words)

    (company / "adv").mkdir()
    (company / "adv" / "a.md").write_text("One\n2020-06-01 T1021.002\n")
    added = intel("add", "cert", "--kind", "advisories", "--path", "adv", "--licence", "own")
    assert added.status == 0
    ran = intel("brief", "--format", "json")
    assert (ran.status, json.loads(ran.out)["asked"]) == (0, False)
    assert intel("refresh").status == 0
    ran = intel("changes", "--format", "json")
    assert json.loads(ran.out)["advisories"][0]["techniques"] == ["T1021.002"]
    assert "no earlier version" in intel("changes").out
    assert "Exploited" not in intel("brief", "--month", "2020-06").out
    assert intel("brief", "--month", "June").status == 2
    assert "## " in intel("brief", "--month", "2020-06", "--format", "markdown").out
    ran = intel("exploited")
    assert (ran.status, "on no record" in ran.out) == (0, True)
