from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from tests.app.containing.conftest import GATEWAYS

from sekisho.app.containing.planning import plan
from sekisho.app.containing.plans import shown
from sekisho.app.containing.previewing import preview
from sekisho.app.decisions import open_decisions
from sekisho.app.workspace import Workspace
from sekisho.errors import Refused
from sekisho.model.previews import PreviewDocument
from sekisho.model.restrictions import Restriction, Staging


@pytest.fixture
def seen(company: Path) -> Workspace:
    """The same workspace with its logs ingested."""
    (company / "gateways.yaml").write_text(GATEWAYS)
    return Workspace(company)


def names(document: PreviewDocument) -> set[tuple[str, str, str]]:
    return {(c.src.address, c.dst.address, c.service) for c in document.cut}


def test_exactly_the_connections_that_would_end(seen: Workspace, now: datetime) -> None:
    plan(seen, Restriction(("link:th-plant <-> jp-hq",), allow=("TH-HQ-EDI",)), now=now, by="aiko")
    document = preview(seen, "1", now=now, by="aiko")
    assert names(document) == {
        ("10.40.9.9", "10.1.10.96", "smb"),
        ("10.40.9.9", "10.1.10.97", "smb"),
        ("2001:db8:40::9", "2001:db8:1::5", "ssh"),
        ("10.40.3.3", "10.1.30.3", "mssql"),
    }
    smb = next(c for c in document.cut if c.dst.address == "10.1.10.96")
    assert (smb.verdict, smb.rule, smb.flows, smb.gateways) == (
        "unauthorized",
        None,
        3,
        ("th-gw", "jp-gw"),
    )
    assert smb.dst.criticality == "high"
    assert {f.dst for f in document.stopped_findings} == {
        "10.1.10.96",
        "10.1.10.97",
        "2001:db8:1::5",
        "10.1.30.3",
    }
    assert document.unenforceable == ()
    assert any("evidence begins on 01 June 2020" in note for note in document.notes)
    after = shown(seen, "1")
    assert (after.state, after.hash) == ("previewed", document.hash)


def test_what_a_rule_loses(seen: Workspace, now: datetime) -> None:
    plan(seen, Restriction(("site:th-plant",)), now=now, by="aiko")
    shares = {share.rule: share for share in preview(seen, "1", now=now, by="aiko").by_rule}
    edi = shares["TH-HQ-EDI"]
    assert (edi.owner, edi.verdict, edi.connections) == ("logistics", "authorized", 1)
    assert edi.bytes.low > 0


def test_what_goes_on_although_it_is_severed(seen: Workspace, now: datetime) -> None:
    (seen.root / "gateways.yaml").unlink()
    plan(seen, Restriction(("link:th-plant <-> jp-hq",)), now=now, by="aiko")
    document = preview(seen, "1", now=now, by="aiko")
    assert (document.cut, document.stopped_findings) == ((), ())
    (pair,) = document.unenforceable
    assert (pair.begin, pair.end) == ("th-plant", "jp-hq")
    assert len(pair.connections) == 5
    assert len(pair.findings) == 4


def test_where_nobody_could_see_it_is_told(seen: Workspace, now: datetime) -> None:
    """The sensors of both sites see their borders: what a host does within its own site nobody does."""
    gateways = seen.root / "gateways.yaml"
    gateways.write_text(
        gateways.read_text().replace("th-plant/* -> 10.40.0.1", "10.40.0.2 -> 10.40.0.1")
    )
    plan(seen, Restriction(("host:10.40.9.9",)), now=now, by="aiko")
    document = preview(seen, "1", now=now, by="aiko")
    (note,) = (one for one in document.notes if one.startswith("no sensor sees"))
    assert "within th-plant" in note
    assert "between th-plant and jp-hq" not in note
    assert "between jp-hq and th-plant" not in note
    plan(seen, Restriction(("link:th-plant <-> jp-hq",)), now=now, by="aiko")
    assert not any("no sensor sees" in one for one in preview(seen, "2", now=now, by="aiko").notes)


def test_what_runs_seldom_is_marked(seen: Workspace, now: datetime) -> None:
    plan(seen, Restriction(("link:th-plant <-> jp-hq",)), now=now, by="aiko")
    document = preview(seen, "1", now=now, by="aiko", days=1)
    seldom = {c.service for c in document.cut if c.seldom}
    assert "smb" in seldom
    assert not any(c.seldom for c in document.cut if c.service == "tcp/8443")


def test_evidence_that_ended_long_ago_is_said_to_have(seen: Workspace, now: datetime) -> None:
    plan(seen, Restriction(("link:th-plant <-> jp-hq",)), now=now, by="aiko")
    later = preview(seen, "1", now=now + timedelta(days=4000), by="aiko")
    assert len(later.cut) == 5
    assert any("nothing was recorded since" in note for note in later.notes)


def test_without_evidence_nothing_is_no_answer(contained: Workspace, now: datetime) -> None:
    plan(contained, Restriction(("site:th-plant",)), now=now, by="aiko")
    document = preview(contained, "1", now=now, by="aiko")
    assert document.cut == ()
    assert "no answer" in document.notes[0]


def test_approvals_outlive_a_preview_that_shows_the_same(contained: Workspace, now: datetime) -> None:
    plan(contained, Restriction(("site:th-plant",)), now=now, by="aiko")
    with open_decisions(contained) as decisions:
        body = {
            "plan": "P-1",
            "state": "approved",
            "for": "apply",
            "hash": "x",
            "person": "a",
            "key": "k",
        }
        decisions.decide("plan.approve", body, at=now, by="ken")
    preview(contained, "1", now=now, by="aiko")
    assert shown(contained, "1").state == "approved"
    with (contained.root / "sites.yaml").open("a") as sites:
        sites.write("# changed\n")
    preview(contained, "1", now=now, by="aiko")
    assert shown(contained, "1").state == "previewed"


def test_what_is_in_force_is_past_its_preview(contained: Workspace, now: datetime) -> None:
    plan(contained, Restriction(("site:th-plant",)), now=now, by="aiko")
    with open_decisions(contained) as decisions:
        decisions.decide("plan.apply", {"plan": "P-1", "state": "applied"}, at=now, by="ken")
    with pytest.raises(Refused, match="P-1 is applied"):
        preview(contained, "1", now=now, by="aiko")


def test_a_stage_shows_what_is_to_go_on_there(seen: Workspace, now: datetime) -> None:
    staging = Staging((("th-plant",),), broken=1)
    restriction = Restriction(("link:th-plant <-> jp-hq",), allow=("TH-HQ-EDI",), staging=staging)
    plan(seen, restriction, now=now, by="aiko")
    told = preview(seen, "1", now=now, by="aiko").staging
    assert told is not None
    assert (told.accept_escaped, told.accept_broken) == (0, 1)
    assert [(s.sites, s.gateways, s.goes_on) for s in told.stages] == [
        (("th-plant",), ("th-gw",), 1),
        (("rest",), ("jp-gw",), 1),
    ]
