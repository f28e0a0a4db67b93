"""The rules' own regression events: every rule fires on its positive sample, by way of an import."""

from __future__ import annotations

import csv
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sekisho.app.checking.intake import take_in
from sekisho.app.checking.sigma import run
from sekisho.app.workspace import Workspace
from sekisho.model.sigma import SigmaDocument

NOW = datetime(2026, 8, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def place(shared_data: Path) -> Path:
    return shared_data / "intel" / "sigma"


@pytest.fixture(scope="module")
def found(place: Path, tmp_path_factory: pytest.TempPathFactory) -> SigmaDocument:
    root = tmp_path_factory.mktemp("regression")
    (root / "sekisho.toml").write_text("")
    (root / "sites.yaml").write_text("sites: {}\n")
    logs = sorted((place / "regression_data").rglob("*.evtx"))
    take_in(Workspace(root), logs, now=NOW, by="anna")
    return run(Workspace(root), now=NOW, by="anna", folder=place / "rules", level="informational")


def test_every_rule_fires_on_its_positive_sample(place: Path, found: SigmaDocument) -> None:
    fired: Counter[tuple[str | None, str]] = Counter()
    for one in found.findings:
        for evidence in one.evidence:
            fired[one.rule.id, evidence.file] += 1
    with (place / "regression_index.csv").open(newline="") as rows:
        cases = list(csv.DictReader(rows))
    assert len(cases) >= 8
    for case in cases:
        name = f"{case['rule_id']}.evtx"
        count = fired[case["rule_id"], name]
        wanted = case["expected_match_count"]
        assert count == int(wanted) if wanted else count >= 1, case["rule"]


def test_every_rule_is_accounted_for(found: SigmaDocument) -> None:
    assert found.refused == 0
    counts = (found.asked, found.unrecorded, found.passed_over, found.filters)
    assert sum(counts) == found.rules
    assert found.unread == 0
