from __future__ import annotations

from pathlib import Path

from tests.fleet.sigma.conftest import ask, event, keep, rule, rules

from sekisho.fleet.sigma.compiling import compile_rules
from sekisho.intel.detections import listed
from sekisho.store.lake import Lake

SIMPLE = {"s": {"User": "anna"}, "condition": "s"}
ONE = "11111111-1111-4111-8111-111111111111"


def test_rules_are_passed_over_by_level_and_by_status(tmp_path: Path) -> None:
    levels = ("informational", "low", "medium", "high", "critical")
    bodies = [rule(SIMPLE, level=level) for level in levels]
    bodies += [rule(SIMPLE, status="deprecated"), rule(SIMPLE)]
    ready = rules(tmp_path, bodies, level="medium")
    assert [one.rule.level for one in ready.compiled.values()] == [
        "medium",
        "high",
        "critical",
        "medium",
    ]
    assert ready.passed_over == 3


def test_of_two_rules_with_one_id_the_first_is_asked(tmp_path: Path) -> None:
    ready = rules(tmp_path, [rule(SIMPLE, id=ONE), rule(SIMPLE, id=ONE), rule(SIMPLE), rule(SIMPLE)])
    assert len(ready.compiled) == 3
    (refused,) = ready.refused
    assert refused.why == "has the id of the rule in 0000.yml"


def test_a_rule_about_another_log_is_not_recorded_rather_than_wrong(tmp_path: Path) -> None:
    ready = rules(tmp_path, [rule(SIMPLE, logsource={"product": "linux", "service": "auditd"})])
    (refused,) = ready.refused
    assert refused.unrecorded
    assert "linux" in refused.why


def test_what_is_no_whole_rule_is_refused_and_the_others_are_asked(tmp_path: Path) -> None:
    bodies = [
        rule(SIMPLE, id="no uuid"),
        rule({"s": "x"}),
        rule({"s": {}, "condition": "s"}),
        rule({"s": {"User": {"deep": 1}}, "condition": "s"}),
        rule({"s": [None], "condition": "s"}),
        rule({"s": {"User": "x"}, "condition": ["s", "s and"]}),
        rule({"s": {"User": "x"}, "condition": "not " * 900 + "s"}),
        rule({**{f"s{n}": {"User": "x"} for n in range(600)}, "condition": "1 of s*"}),
        rule(SIMPLE),
    ]
    ready = rules(tmp_path, bodies)
    assert len(ready.compiled) == 1
    assert len(ready.refused) == 8
    assert all(one.why for one in ready.refused)


def test_filters_narrow_the_rules_that_they_name(tmp_path: Path) -> None:
    body = {
        "title": "Not anna's",
        "logsource": {"product": "windows", "category": "process_creation"},
        "filter": {"rules": [ONE], "anna": {"User": "anna"}, "condition": "not anna"},
    }
    ready = rules(tmp_path / "rules", [rule({"s": {"Image": "x"}, "condition": "s"}, id=ONE), body])
    assert ready.filters == 1
    with Lake.open(tmp_path / "lake", create=True) as lake:
        keep(
            lake,
            [
                event({"Image": "x", "User": who}, host=who, record=n)
                for n, who in enumerate(("anna", "bert"))
            ],
        )
        assert [row["terminal"] for row in ask(lake, ready).summed.to_pylist()] == ["bert"]


def test_every_rule_of_a_collection_is_asked_or_refused_by_name(shared_data: Path) -> None:
    found = listed(shared_data / "intel" / "sigma" / "rules")
    ready = compile_rules(found.rules)
    assert not found.problems
    assert len(ready.compiled) + len(ready.refused) + ready.passed_over == len(found.rules)
    assert all(one.unrecorded for one in ready.refused), [one.why for one in ready.refused]
