"""Techniques on the company's own evidence."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from sekisho.app.audit import run_audit
from sekisho.app.checking.sigma import rules_of as listed
from sekisho.app.checking.sigma import run
from sekisho.app.hunting.refreshing import refresh
from sekisho.app.investigating.opening import Asked, open_incident
from sekisho.app.investigating.showing import show
from sekisho.app.methods.standing import methods
from sekisho.app.records import record
from sekisho.app.workspace import Workspace
from sekisho.errors import RequestError

Attack = Callable[..., Path]
R1, R2 = (f"00000000-0000-4000-8000-00000000000{n}" for n in range(2))
RULE = f"title: Rule\nid: {R1}\ntags: [attack.t1021.002]\nlogsource: {{category: firewall}}\n"
RULE += "detection: {a: {dst_port: 445}, condition: a}\n"


def test_what_is_seen_where_and_what_is_missing(
    workspace: Workspace, now: datetime, attack: Attack
) -> None:
    attack(workspace)
    refresh(workspace, (), now=now)
    found = methods(workspace, now=now)
    assert (found.attack.version, found.whole) == ("18.1", 3)
    told = {one.id: one for one in found.techniques}
    smb = told["T1021.002"]
    assert {one.site: one.standing for one in smb.sites} == {
        "jp-hq": "seen",
        "th-plant": "seen",
        "us-plant": "nothing_recorded",
    }
    assert smb.missing == (
        "nothing that could show it is recorded at us-plant: Flows between sites and inside",
    )
    assert told["T1537"].missing[0].startswith("nothing that is read here could show it")
    assert any("no Sigma rules are known" in note for note in found.notes)
    flows = {(one.source, one.site): one for one in found.recorded}
    there = flows["flow", "th-plant"]
    assert (there.of, there.standing) == ("hours", "seen")
    assert there.out_of is not None
    assert 0 < there.amount <= there.out_of
    assert flows["dns", "th-plant"].standing == "nothing_recorded"


def test_sites_tactics_and_times_may_be_asked_for(
    workspace: Workspace, now: datetime, attack: Attack
) -> None:
    attack(workspace)
    refresh(workspace, (), now=now)
    found = methods(workspace, now=now, gaps=True, sites=["th-plant"])
    assert (found.sites, [one.id for one in found.techniques]) == (("th-plant",), ["T1537"])
    assert found.whole == 3
    moving = methods(workspace, now=now, tactics=["lateral-movement"])
    assert [one.id for one in moving.techniques] == ["T1021.002"]
    later = methods(workspace, now=now + timedelta(days=60), sites=["th-plant"])
    assert later.techniques[0].sites[0].standing == "lapsed"
    assert "was recorded since 2020-06-" in later.techniques[0].missing[0]
    with pytest.raises(RequestError, match="no site mars"):
        methods(workspace, now=now, sites=["mars"])
    with pytest.raises(RequestError, match="no technique is of the tactic"):
        methods(workspace, now=now, tactics=["impact"])


def test_rules_that_are_known_and_those_that_are_run(
    workspace: Workspace, now: datetime, attack: Attack
) -> None:
    attack(workspace, feeds="  rules: {kind: sigma, path: rules, licence: own}\n")
    (workspace.root / "rules").mkdir()
    (workspace.root / "rules" / "a.yml").write_text(RULE)
    refresh(workspace, (), now=now)
    found = methods(workspace, now=now)
    (rule,) = [one for one in found.techniques[0].looked_for_by if one.where == "sigma"]
    assert (rule.id, rule.runs, rule.needs) == (R1, False, ("flow", "flow-internet"))
    assert any("1 of 1 Sigma rules are known and not run" in note for note in found.notes)
    with (workspace.root / "sekisho.toml").open("a") as settings:
        settings.write('\n[fleet]\nsigma = "rules"\n')
    (rule,) = [
        one for one in methods(workspace, now=now).techniques[0].looked_for_by if one.where == "sigma"
    ]
    assert (rule.runs, rule.needs, rule.exercised) == (True, ("flow", "flow-internet"), None)


def test_a_rule_on_the_network_counts_where_it_is_heard_and_by_what_it_found(
    workspace: Workspace, now: datetime, attack: Attack
) -> None:
    attack(workspace)
    refresh(workspace, (), now=now)
    (workspace.root / "rules").mkdir()
    (workspace.root / "rules" / "a.yml").write_text(RULE)
    unkept = RULE.replace(R1, R2).replace("dst_port: 445", "history: S")
    (workspace.root / "rules" / "b.yml").write_text(unkept.replace("1021.002", "1041"))
    with (workspace.root / "sekisho.toml").open("a") as settings:
        settings.write('\n[fleet]\nsigma = "rules"\n')
    asked = run(workspace, now=now, by="ken")
    assert asked.connections
    # Both verbs give one answer.
    stands = {one.rule.id: (one.standing, one.why) for one in listed(workspace).rules}
    found = {one.id: one for one in methods(workspace, now=now).techniques}
    rules = {
        look.id: look for one in found.values() for look in one.looked_for_by if look.where == "sigma"
    }
    assert stands == {R1: ("asked", None), R2: ("not_recorded", "history is not kept of flows")}
    assert (rules[R1].runs, rules[R2].runs) == (True, False)
    assert rules[R2].why == "tagged with this technique; not recorded: history is not kept of flows"
    last = max(one.last for one in asked.connections)
    smb = found["T1021.002"]
    assert smb.exercised == rules[R1].exercised
    assert smb.exercised is not None
    assert (smb.exercised.kind, smb.exercised.at) == ("match", last)
    assert smb.exercised.text.startswith("matched conn of ")


def test_a_recorded_audit_shows_that_the_looking_works(
    workspace: Workspace, now: datetime, attack: Attack
) -> None:
    attack(workspace)
    refresh(workspace, (), now=now)
    assert methods(workspace, now=now).techniques[0].exercised is None
    made = record(workspace, "june", begin=None, end=None, now=now, by="ken")
    smb = [one for one in made.findings if (one.protocol, one.port) == ("tcp", 445)]
    assert smb
    found = methods(workspace, now=now).techniques[0].exercised
    assert found is not None
    assert found.at == max(one.last_seen for one in smb)
    assert "audit june" in found.text


def test_a_step_of_an_incidents_path_exercises_its_technique(
    workspace: Workspace, now: datetime, attack: Attack
) -> None:
    attack(workspace)
    refresh(workspace, (), now=now)
    smb = next(
        one
        for one in run_audit(workspace, begin=None, end=None, now=now, by="aiko").document.findings
        if one.port == 445
    )
    opened = open_incident(workspace, Asked(findings=(smb.id,)), now=now, by="aiko").id
    before = methods(workspace, now=now)
    assert f"`sekisho investigate show {opened}`" in " ".join(before.notes)
    assert next(one for one in before.techniques if one.id == "T1021.002").exercised is None
    # Of a part of the evidence no path is whole.
    show(workspace, opened, now=now, by="aiko", end=now)
    assert any("not worked out" in note for note in methods(workspace, now=now).notes)
    document = show(workspace, opened, now=now, by="aiko")
    after = methods(workspace, now=now)
    assert not any("not worked out" in note for note in after.notes)
    told = next(one for one in after.techniques if one.id == "T1021.002").exercised
    assert told is not None
    hop = document.paths[0].hops[0]
    assert (told.kind, told.at, told.sites) == ("incident", hop.at, ("jp-hq", "th-plant"))
    assert told.text == f"step of {opened}: {hop.src} -> {hop.dst} tcp/445"
