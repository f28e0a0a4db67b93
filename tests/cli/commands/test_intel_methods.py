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
