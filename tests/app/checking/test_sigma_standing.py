from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.app.checking.test_sigma_connections import NOW, SITES, _rules, _take
from tests.fleet.sigma.conftest import event

from sekisho.app.checking.intake import take_in
from sekisho.app.checking.sigma_standing import rule_key, standings_of
from sekisho.app.wiring import open_lake
from sekisho.app.workspace import Workspace
from sekisho.intel.detections import listed, rules_of

MANY = {
    "correlation": {
        "type": "event_count",
        "rules": ["rule0"],
        "group-by": ["query"],
        "timespan": "1m",
        "condition": {"gte": 5},
    }
}


@pytest.fixture
def bare(tmp_path: Path) -> Workspace:
    (tmp_path / "sekisho.toml").write_text("")
    (tmp_path / "sites.yaml").write_text(SITES)
    return Workspace(tmp_path)


def test_a_rule_stands_by_what_terminals_or_sensors_recorded(bare: Workspace) -> None:
    rules = listed(_rules(bare, {"query": "x"}, {"Z": 1}, MANY, category="dns")).rules
    with open_lake(bare) as lake:
        before = standings_of(lake, rules)
    told = [before.listed(one) for one in rules]
    assert [one and (one.standing, one.why) for one in told] == [
        ("not_recorded", "no terminal and sensor recorded it"),
        ("not_recorded", "no terminal recorded it"),
        ("not_recorded", "no terminal and sensor recorded it"),
    ]
    _take(bare, "dns", {"query": "x"})
    with open_lake(bare) as lake:
        after = standings_of(lake, rules)
    assert [one.standing for rule in rules if (one := after.listed(rule))] == [
        "asked",
        "not_recorded",
        "asked",
    ]
    (question, *_) = after.looked_at(rules[2])
    assert after.logsource(question) == "dns"


def test_machines_are_counted(bare: Workspace) -> None:
    events = bare.root / "e.json"
    events.write_text(json.dumps(event({"Image": "x"}, host="pc9")) + "\n")
    terminals = bare.root / "t.csv"
    terminals.write_text("hostname,site,address\npc9,th-plant,10.40.9.9\n")
    take_in(bare, [terminals, events], now=NOW, by="anna")
    (rule,) = listed(_rules(bare, {"Image": "x"}, category="process_creation")).rules
    with open_lake(bare) as lake:
        found = standings_of(lake, [rule]).listed(rule)
    assert found is not None
    assert (found.standing, found.terminals, found.sensors) == ("asked", 1, None)


def test_a_rule_without_an_id_is_known_by_where_it_stands() -> None:
    body = b"title: a\nlogsource: {category: dns}\ndetection: {a: {query: x}, condition: a}\n"
    (rule,) = rules_of("d/a.yml", body).rules
    assert rule_key(rule) == "d/a.yml:1"
