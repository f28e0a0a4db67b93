"""No gateway is told here: its own word is given, the evidence is real logs of six days."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.app.containing.conftest import GATEWAYS
from tests.app.containing.test_forcing import told

from sekisho.app.alerts import listed
from sekisho.app.containing.planning import plan
from sekisho.app.containing.plans import shown
from sekisho.app.containing.verifying import verify
from sekisho.app.workspace import Workspace
from sekisho.model.restrictions import Restriction

LINK = "link:th-plant <-> jp-hq"
DAY_5 = datetime(2020, 6, 5, tzinfo=UTC)
END = datetime(2020, 6, 7, tzinfo=UTC)


@pytest.fixture
def seen(company: Path) -> Workspace:
    """Logs of 1 to 6 June, and gateways that others tell."""
    (company / "gateways.yaml").write_text(
        GATEWAYS.replace("platform: nftables", "platform: nftables\n    deliver: render")
    )
    return Workspace(company)


def hold(workspace: Workspace, at: datetime, **fields: object) -> None:
    plan(workspace, Restriction((LINK,), **fields), now=at, by="aiko")  # type: ignore[arg-type]
    told(workspace, at, "elsewhere", "applied_elsewhere", th_gw="elsewhere", jp_gw="elsewhere")


def test_what_escaped_is_named_with_its_records(seen: Workspace) -> None:
    hold(seen, DAY_5)
    document = verify(seen, "1", now=END, by="aiko")
    assert document.contained == "no"
    assert "3 severed connections escaped" in document.why[0]
    found = {(one.dst.address, one.port): one for one in document.escaped}
    assert set(found) == {("10.1.20.5", 8443), ("10.1.10.96", 445), ("2001:db8:1::5", 22)}
    smb = found["10.1.10.96", 445]
    assert (smb.gateways, smb.since) == (("jp-gw", "th-gw"), DAY_5)
    assert {one.sensor for one in smb.evidence} == {"jp-edge", "th-edge"}
    assert all(one.sha256 and one.row for one in smb.evidence)
    before = {one.dst.address: one for one in document.severed}
    assert before["10.1.30.3"].last_after is None
    assert before["10.1.10.96"].last_after is not None
    (alert,) = listed(seen, now=END).alerts
    assert (alert.kind, alert.severity, alert.connections) == ("contain", "critical", 3)
    kinds = [a.kind for a in shown(seen, "1").history]
    assert kinds[-2:] == ["escaped", "read_back"]
    verify(seen, "1", now=END, by="aiko")
    assert [a.kind for a in shown(seen, "1").history].count("escaped") == 1


def test_nothing_escaped_and_everybody_watched(seen: Workspace) -> None:
    hold(seen, DAY_5 + timedelta(hours=4), allow=("TH-HQ-EDI",))
    document = verify(seen, "1", now=END, by="aiko")
    assert (document.contained, document.escaped) == ("yes", ())
    assert "told by others and not read back" in document.why[0]
    assert {one.sensor: one.state for one in document.sensors} == {
        "jp-edge": "watched",
        "th-edge": "watched",
    }


def test_where_nothing_was_recorded_nothing_is_known(seen: Workspace) -> None:
    late = END + timedelta(days=20)
    hold(seen, late)
    document = verify(seen, "1", now=late + timedelta(hours=5), by="aiko")
    assert document.contained == "not_known"
    assert "recorded nothing since" in document.why[0]
    assert {one.state for one in document.sensors} == {"nothing"}


def test_what_passes_beside_the_gateways_is_said(seen: Workspace) -> None:
    plan(seen, Restriction((LINK,)), now=DAY_5, by="aiko")
    told(seen, DAY_5, "elsewhere", "partial", jp_gw="elsewhere")
    text = (seen.root / "gateways.yaml").read_text()
    (seen.root / "gateways.yaml").write_text(text.replace('["jp-hq <-> *"]', '["jp-hq <-> us-plant"]'))
    document = verify(seen, "1", now=END, by="aiko")
    assert document.contained == "no"
    assert {one.came for one in document.crossed} == {"passing"}
    assert document.escaped == ()
    assert any("th-gw does not hold it: pending" in one for one in document.why)


def test_what_is_not_in_force_is_not_contained(contained: Workspace, now: datetime) -> None:
    plan(contained, Restriction((LINK,)), now=now, by="aiko")
    document = verify(contained, "1", now=now, by="aiko")
    assert (document.contained, document.since) == ("no", None)
    assert document.why == ("P-1 is draft: no gateway is to hold it",)


def test_a_gateway_that_cannot_be_asked_is_a_doubt(contained: Workspace, now: datetime) -> None:
    plan(contained, Restriction((LINK,)), now=now, by="aiko")
    told(contained, now, "apply", "applied", th_gw="applied", jp_gw="applied")
    document = verify(contained, "1", now=now + timedelta(hours=1), by="aiko")
    assert document.contained == "not_known"
    assert "th-gw was not read back: no host key of th-gw is pinned" in document.why[0]
    assert document.notes == ("nothing was ever ingested here",)
