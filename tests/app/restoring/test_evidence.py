from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from tests.app.restoring.conftest import CUT, LATER, Log, intrude

from sekisho.app.checking.deciding import campaign
from sekisho.app.checking.intake import take_in
from sekisho.app.decisions import open_decisions
from sekisho.app.restoring.evidence import Evidence, gather, known, read_rules
from sekisho.app.restoring.planning import plan
from sekisho.app.restoring.standing import standing
from sekisho.app.workspace import Workspace
from sekisho.restore.rules import Demands


def gathered(workspace: Workspace) -> Evidence:
    all_known = known(workspace, now=LATER, by="aiko")
    (stage,) = standing(workspace, "1", now=LATER, by="aiko").stages
    return gather(workspace, stage, all_known, now=LATER, by="aiko")


def test_what_is_known_of_a_stage(cut: Workspace, zeek_header: str, zeek_conn: Log) -> None:
    plan(cut, ["P-1"], [], now=LATER, by="aiko")
    intrude(cut, zeek_header, zeek_conn, CUT + timedelta(seconds=30))
    intrude(cut, zeek_header, zeek_conn, CUT + timedelta(days=1), state="S0")
    found = gathered(cut)
    subject = found.subject
    assert (subject.since, subject.demands) == (CUT, Demands(4, 95.0))
    assert [rule.id for rule, _, _ in subject.rules] == ["TH-HQ-EDI"], "the other expired"
    assert subject.rules[0][2] == {"th-plant", "jp-hq"}
    assert subject.findings is not None
    assert len(subject.findings) == 1
    assert subject.escaped is not None
    assert subject.escaped.connections == (), "one was under way, the other was a try"
    assert len(found.reopened.connections) == 1
    with open_decisions(cut) as decisions:
        body = {"plan": "P-1", "state": "applied_elsewhere", "text": "2 escaped"}
        decisions.decide("plan.escaped", body, at=LATER, by="watch")
        probed = {**body, "probe": 9, "said": [], "reached": [], "text": "nothing"}
        decisions.decide("plan.probed", probed, at=LATER, by="ken")
        decisions.decide(
            "plan.probed", probed | {"reached": ["a -> b"], "text": "a"}, at=LATER, by="ken"
        )
    noted = gathered(cut).subject.escaped
    assert noted is not None
    assert noted.noted == ("P-1: 2 escaped (2020-06-07 01:00Z)", "P-1: a (2020-06-07 01:00Z)")


def test_without_the_file_the_defaults_hold(cut: Workspace) -> None:
    inventory = known(cut, now=LATER, by="aiko").register.inventory
    assert read_rules(cut, inventory).general.days == 4
    (cut.root / "restore.yaml").unlink()
    assert read_rules(cut, inventory).general == Demands()


def test_terminals_of_both_ends(cut: Workspace, tmp_path: Path) -> None:
    assert known(cut, now=LATER, by="aiko").fleet is None
    register = tmp_path / "fleet.csv"
    register.write_text("hostname,address\nth-pc1,10.40.5.1\njp-pc1,10.1.5.1\nlaptop,\n")
    take_in(cut, [register], now=LATER, by="aiko")
    fleet = known(cut, now=LATER, by="aiko").fleet
    assert fleet is not None
    assert (fleet.campaign, set(fleet.sites)) == (None, {"th-plant", "jp-hq", ""})
    campaign(cut, "sweep", ["services"], now=LATER, by="aiko", why="after the incident")
    plan(cut, ["P-1"], [], now=LATER, by="aiko")
    subject = gathered(cut).subject
    assert subject.fleet is not None
    assert subject.fleet.campaign == "sweep since 2020-06-07"
    assert subject.fleet.sites["th-plant"].left == {"never_enrolled": 1}
