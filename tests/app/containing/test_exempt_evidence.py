from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from tests.app.containing.conftest import GATEWAYS

from sekisho.app.containing.exempt_evidence import seen_in_a_year
from sekisho.app.containing.grounds import ground
from sekisho.app.decisions import open_decisions
from sekisho.app.workspace import Workspace
from sekisho.contain.exemptions import Exemption, open_up
from sekisho.model.restrictions import Restriction

SITE = Restriction(("site:th-plant",))


def seen(root: Path, sentence: str, now: datetime, cut: Restriction = SITE) -> list[tuple[str, int]]:
    (root / "gateways.yaml").write_text(GATEWAYS)
    workspace = Workspace(root)
    with open_decisions(workspace) as decisions:
        on = ground(workspace, decisions, now=now, by="aiko")
    on = replace(on, in_force={"P-1": cut})
    opened = open_up(Exemption("X-1", sentence, now + timedelta(hours=1), "stock"), on)
    return [(one.dst, one.flows) for one in seen_in_a_year(workspace, opened, now)]


def test_the_services_that_are_opened_alone(company: Path, now: datetime) -> None:
    assert seen(company, "th-plant/* -> jp-hq/db : mssql", now) == [("10.1.30.3", 2)]
    assert seen(company, "th-plant/* -> jp-hq/db : tcp/22", now) == []


def test_what_is_not_cut_is_open_anyway(company: Path, now: datetime) -> None:
    """A sentence may say more than a plan cuts: what it would open is shown, and nothing else."""
    host = Restriction(("host:10.40.3.3",))
    assert seen(company, "th-plant/* -> jp-hq/* : tcp/1-16000", now, host) == [("10.1.30.3", 2)]
    assert len(seen(company, "th-plant/* -> jp-hq/* : tcp/1-16000", now)) > 1


def test_without_evidence_nothing(raw_company: Path, now: datetime) -> None:
    assert seen(raw_company, "th-plant/* -> jp-hq/db : mssql", now) == []
