from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.app.checking.test_sigma import _events, _terminals
from tests.fleet.sigma.conftest import event

from sekisho.app.checking.intake import take_in
from sekisho.app.checking.sigma import run
from sekisho.app.checking.standing import assemble
from sekisho.app.decisions import open_decisions
from sekisho.app.methods.rules import matched, rules_of
from sekisho.app.wiring import read_inventory
from sekisho.app.workspace import Workspace
from sekisho.errors import RequestError
from sekisho.intel.match_log import RuleMatch
from sekisho.intel.methods.gaps import Rule
from sekisho.model.methods import Exercise

NOW = datetime(2026, 3, 1, tzinfo=UTC)
EVIL, GOOD, LOW = (f"00000000-0000-4000-8000-00000000000{n}" for n in range(3))
RULE = """\
title: {0}
id: {2}
level: {1}
tags: [attack.t1021.002]
logsource: {{product: windows, category: process_creation}}
detection: {{s: {{CommandLine|contains: {0}}}, condition: s}}
"""


@pytest.fixture
def sigma(raw: Workspace) -> Workspace:
    (raw.root / "rules").mkdir()
    for name, level, id_ in (("evil", "high", EVIL), ("good", "high", GOOD), ("low", "low", LOW)):
        (raw.root / "rules" / f"{name}.yml").write_text(RULE.format(name, level, id_))
    with (raw.root / "sekisho.toml").open("a") as settings:
        settings.write('\n[fleet]\nsigma = "rules"\n')
    return raw


def exercises(workspace: Workspace) -> dict[str, Exercise]:
    rules, _ = rules_of(workspace, NOW)
    with open_decisions(workspace) as decisions:
        return matched(rules, assemble(decisions, read_inventory(workspace), NOW))


def test_rules_of_the_settings_folder_and_level_stand_as_they_are_listed(
    sigma: Workspace, tmp_path: Path
) -> None:
    rules, notes = rules_of(sigma, NOW)
    assert {(rule.id, rule.runs, rule.why) for rule in rules} == {
        (EVIL, False, "not recorded: no terminal recorded it"),
        (GOOD, False, "not recorded: no terminal recorded it"),
    }
    assert notes == (
        "of the rules of fleet.sigma some are not asked (2 not recorded): see `sekisho fleet sigma rules`",
    )
    _terminals(sigma, tmp_path, "pc-1")
    logs = _events(tmp_path / "events.ndjson", event({"CommandLine": "x"}, host="pc-1"))
    take_in(sigma, [logs], now=NOW, by="anna")
    rules, notes = rules_of(sigma, NOW)
    assert {(rule.id, rule.runs, rule.why) for rule in rules} == {(EVIL, True, ""), (GOOD, True, "")}
    assert (rules[0].techniques, rules[0].reads) == (("T1021.002",), {"processes": None})
    assert notes == ()
    assert exercises(sigma) == {}


def test_a_rule_that_is_refused_or_passed_over_is_not_run(sigma: Workspace) -> None:
    for path in (sigma.root / "rules").iterdir():
        path.unlink()
    no_uuid = RULE.format("bad", "high", "r1")
    old = RULE.format("old", "high", GOOD) + "status: deprecated\n"
    (sigma.root / "rules" / "a.yml").write_text(no_uuid)
    (sigma.root / "rules" / "b.yml").write_text(old)
    (rule,), notes = rules_of(sigma, NOW)
    assert not rule.runs
    assert rule.why.startswith("refused: ")
    assert "(1 refused)" in notes[0]


def test_what_rules_met_on_the_wire_are_exercises(raw: Workspace) -> None:
    later = NOW.replace(day=2)
    rules = [Rule(name, name, (), "dns", runs=name != "off") for name in ("met", "asked", "off")]
    with open_decisions(raw) as decisions:
        none = assemble(decisions, read_inventory(raw), NOW)
    found = matched(
        rules,
        none,
        [
            RuleMatch(rule="met", asked=later, at=NOW, text="matched dns of a -> b", sites=("jp-hq",)),
            RuleMatch(rule="asked", asked=later),
            RuleMatch(rule="off", asked=later),
        ],
    )
    assert set(found) == {"met", "asked"}
    assert (found["met"].at, found["met"].kind, found["met"].sites) == (NOW, "match", ("jp-hq",))
    assert (found["asked"].at, found["asked"].kind) == (later, "check")


def test_a_match_and_that_a_rule_was_asked_are_exercises(sigma: Workspace, tmp_path: Path) -> None:
    _terminals(sigma, tmp_path, "pc-1", "pc-2")
    logs = _events(
        tmp_path / "events.ndjson",
        event({"CommandLine": "evil.exe"}, host="pc-1", time="2026-02-01T00:00:00Z"),
        event({"CommandLine": "x.exe"}, host="pc-2", record=2, time="2026-02-01T00:00:00Z"),
    )
    take_in(sigma, [logs], now=NOW, by="anna")
    run(sigma, now=NOW, by="anna")
    found = exercises(sigma)
    assert (found[EVIL].kind, found[EVIL].text) == ("match", "matched on pc-1")
    assert found[GOOD].kind == "check"
    assert found[GOOD].text == "asked of the events of 2 terminals"


def test_a_folder_that_is_gone_is_told(sigma: Workspace) -> None:
    for path in (sigma.root / "rules").iterdir():
        path.unlink()
    (sigma.root / "rules").rmdir()
    with pytest.raises(RequestError, match="is not there"):
        rules_of(sigma, NOW)
