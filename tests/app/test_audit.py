from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.app.containing.conftest import GATEWAYS
from tests.app.containing.terminals import enrol

from sekisho.app.audit import explained, fails, run_audit, threshold_of
from sekisho.app.containing.planning import plan
from sekisho.app.containing.probes import probes
from sekisho.app.containing.probing import ask
from sekisho.app.decisions import open_decisions
from sekisho.app.findings import decide
from sekisho.app.workspace import Workspace
from sekisho.contain.probing.known import Known
from sekisho.errors import FileProblems
from sekisho.model.restrictions import Restriction


def test_the_audit_keeps_what_judged_before_it_counts(workspace: Workspace, now: datetime) -> None:
    audited = run_audit(workspace, begin=None, end=None, now=now, by="aiko")
    with open_decisions(workspace) as decisions:
        kept = decisions.state.versions("policy")
        entries = [(e.kind, e.by) for e in decisions.ledger.entries()]
    assert [v.sha256 for v in kept] == [audited.document.policy.sha256]
    assert entries == [("inventory.version", "aiko"), ("policy.version", "aiko")]
    again = run_audit(workspace, begin=None, end=None, now=now, by="ken")
    assert again.document == audited.document
    with open_decisions(workspace) as decisions:
        assert decisions.ledger.head().seq == 2, "the same register is no new version"


def test_rules_are_counted_as_written(workspace: Workspace, now: datetime) -> None:
    """A widened rule is judged in parts; the document counts what the files hold."""
    run_audit(workspace, begin=None, end=None, now=now, by="aiko")
    path = workspace.root / "policy.yaml"
    path.write_text(path.read_text().replace("expires: 2020-06-02", "expires: 2020-06-30"))
    audited = run_audit(workspace, begin=None, end=None, now=now, by="aiko")
    assert audited.document.policy.rules == 2
    assert len(audited.register.compiled.policy.rules) == 3
    lapsed = [f.nearest_rule for f in audited.document.findings if f.verdict == "lapsed"]
    assert [rule.id for rule in lapsed if rule] == ["TH-HQ-STOCK"], "a later edit excuses nothing"


def test_a_closed_finding_seen_again_is_open(workspace: Workspace, now: datetime) -> None:
    worst = run_audit(workspace, begin=None, end=None, now=now, by="aiko").document.findings[0]
    early = worst.last_seen - timedelta(hours=1)
    decide(workspace, worst, "close", now=early, by="aiko", why="rebuilt")
    found = run_audit(workspace, begin=None, end=None, now=now, by="aiko").document.findings[0]
    assert found.life.status == "open"
    assert found.life.reopened == "seen again after aiko closed it on 2020-06-05"


def test_only_open_findings_fail_an_audit(workspace: Workspace, now: datetime) -> None:
    document = run_audit(workspace, begin=None, end=None, now=now, by="aiko").document
    assert fails(document, "critical")
    assert not fails(document, None)
    for finding in document.findings:
        if finding.severity == "critical":
            decide(workspace, finding, "accept", now=now, by="aiko", why="CHG-9")
    after = run_audit(workspace, begin=None, end=None, now=now, by="aiko").document
    assert not fails(after, "critical")
    assert fails(after, "medium")
    late = run_audit(workspace, begin=None, end=None, now=now + timedelta(days=91), by="aiko")
    assert fails(late.document, "critical"), "an acceptance ends by itself"


def test_the_threshold_is_as_asked_else_as_set(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert threshold_of(workspace, None) is None
    monkeypatch.setenv("SEKISHO_AUDIT_FAIL_ON", "high")
    assert threshold_of(workspace, None) == "high"
    assert threshold_of(workspace, "none") is None


def test_a_register_that_cannot_be_read_keeps_no_version(workspace: Workspace, now: datetime) -> None:
    (workspace.root / "policy.yaml").write_text("connections: [")
    with pytest.raises(FileProblems):
        run_audit(workspace, begin=None, end=None, now=now, by="aiko")
    with open_decisions(workspace) as decisions:
        assert decisions.ledger.head().seq == 0


def test_what_is_only_proposed_judges_nothing(workspace: Workspace, now: datetime) -> None:
    path = workspace.root / "policy.yaml"
    path.write_text(path.read_text().replace("    expires: 2020-06-02", "    state: proposed"))
    audited = run_audit(workspace, begin=None, end=None, now=now, by="aiko")
    assert audited.document.policy.rules == 1
    assert len(audited.register.policy.rules) == 2


def test_a_pair_is_told_what_its_own_sensors_lack(workspace: Workspace, now: datetime) -> None:
    sites = workspace.root / "sites.yaml"
    sites.write_text(sites.read_text() + "  us-edge: {site: us-plant, kind: zeek}\n")
    whole = run_audit(workspace, begin=None, end=None, now=now, by="aiko").document
    assert {item.sensor for item in whole.coverage} == {"jp-edge", "th-edge", "us-edge"}
    pair = ("jp-hq", "th-plant")
    one = run_audit(workspace, begin=None, end=None, now=now, by="aiko", pair=pair).document
    assert {item.sensor for item in one.coverage} == {"jp-edge", "th-edge"}


def test_what_escaped_a_plan_in_force_is_critical(company: Path, now: datetime) -> None:
    workspace = Workspace(company)
    (company / "gateways.yaml").write_text(GATEWAYS)
    plan(workspace, Restriction(("link:th-plant <-> jp-hq",)), now=now, by="aiko")
    with open_decisions(workspace) as decisions:
        body = {"plan": "P-1", "state": "applied", "results": {"th-gw": {"state": "applied"}}}
        applied = datetime(2020, 6, 5, tzinfo=UTC)
        decisions.decide("plan.apply", body, at=applied, by="ken")
    document = run_audit(workspace, begin=None, end=None, now=now, by="aiko").document
    found = {(f.dst.address, f.port): f for f in document.findings}
    edi = found["10.1.20.5", 8443]
    assert (edi.kind, edi.verdict, edi.severity) == ("escaped", "authorized", "critical")
    assert edi.onset.at >= applied
    smb = found["10.1.10.96", 445]
    assert (smb.kind, smb.also, smb.severity) == ("verdict", ("escaped",), "critical")
    assert "P-1 cuts it at th-gw since 2020-06-05T00:00:00Z" in smb.checks[-1].text
    assert "escaped" not in found["10.1.30.3", 1433].also, "it was not seen since"
    (company / "gateways.yaml").write_text("gateways: [")
    notes = run_audit(workspace, begin=None, end=None, now=now, by="aiko").document.notes
    assert any("was not looked at" in note for note in notes)


def test_what_our_own_terminals_were_asked_to_make_is_named(company: Path, now: datetime) -> None:
    (company / "gateways.yaml").write_text(GATEWAYS)
    workspace = Workspace(company)
    plan(workspace, Restriction(("link:th-plant <-> jp-hq",)), now=now, by="aiko")
    june = datetime(2020, 6, 1, tzinfo=UTC)
    enrol(workspace, june, app="10.40.9.9")
    ask(workspace, "1", ("10.1.10.96:445",), now=june, by="aiko")
    found = run_audit(workspace, begin=None, end=None, now=now, by="aiko").document
    assert not any(check.id == "probe" for one in found.findings for check in one.checks)
    with open_decisions(workspace) as decisions:
        (probe,) = probes(decisions.state.plans())
    # As if it had been asked all the time that the logs tell of.
    told = explained(found, Known([replace(probe, until=now)]))
    texts = {f.dst.address: [c.text for c in f.checks if c.id == "probe"] for f in told.findings}
    assert texts.pop("10.1.10.96") == ["asked for by our probe 1 of P-1 (app)"]
    assert not any(texts.values())
