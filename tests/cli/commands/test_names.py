from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any


def test_nothing_recorded_is_said(company: Path, sekisho: Callable[..., Any]) -> None:
    ran = sekisho("--workspace", company, "names", "update.example")
    assert (ran.status, ran.out.strip()) == (0, "No names are on record for this time.")
    ran = sekisho("--workspace", company, "names", "10.1.9.1", "-f", "json", "--since", "2020-06-01")
    document = json.loads(ran.out)
    assert (document["schema"], document["recorded"]) == ("sekisho.names/1", False)
    assert document["window"]["from"] == "2020-06-01T00:00:00.000000Z"


def test_an_impossible_value_is_refused(company: Path, sekisho: Callable[..., Any]) -> None:
    assert sekisho("--workspace", company, "names", " ").status == 2
