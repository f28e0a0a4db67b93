from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from tests.fleet.sigma.conftest import ask, event, keep, rule, rules

from sekisho.store.lake import Lake

FAILED = {
    "title": "Failed logon",
    "name": "failed",
    "logsource": {"product": "windows", "service": "security"},
    "detection": {"s": {"EventID": 4625}, "condition": "s"},
}
LET_IN = {
    "title": "Logon",
    "name": "let_in",
    "level": "low",
    "logsource": {"product": "windows", "service": "security"},
    "detection": {"s": {"EventID": 4624}, "condition": "s"},
}


def _of(kind: str, **more: Any) -> dict[str, Any]:
    body = {"type": kind, "rules": ["failed"], "group-by": ["IpAddress"], "timespan": "5m", **more}
    return {"title": f"Many: {kind}", "level": "high", "correlation": body}


def _logon(number: int, at: int, who: str = "anna", source: str = "10.0.0.1") -> dict[str, Any]:
    return event(
        {"TargetUserName": who, "IpAddress": source},
        number=number,
        channel="Security",
        time=f"2020-06-11T01:{at:02}:00Z",
        record=number * 100 + at,
    )


@pytest.mark.parametrize(
    ("correlation", "events"),
    [
        (_of("event_count", condition={"gte": 3}), 3),
        (_of("event_count", condition={"gte": 4}), 0),
        (_of("value_count", condition={"field": "TargetUserName", "gte": 2}), 3),
        (_of("value_count", condition={"field": "TargetUserName", "gt": 2}), 0),
        (_of("temporal", rules=["failed", "let_in"]), 5),
        (_of("temporal_ordered", rules=["failed", "let_in"]), 4),
        (_of("temporal_ordered", rules=["failed", "let_in"], timespan="30s"), 0),
        (
            _of(
                "temporal",
                rules=["failed", "let_in"],
                aliases={"who": {"failed": "TargetUserName", "let_in": "TargetUserName"}},
                **{"group-by": ["who"]},
            ),
            5,
        ),
    ],
)
def test_correlations_of_the_four_types(
    tmp_path: Path, correlation: dict[str, Any], events: int
) -> None:
    ready = rules(tmp_path / "rules", [FAILED, LET_IN, correlation])
    assert not ready.refused, ready.refused
    with Lake.open(tmp_path / "lake", create=True) as lake:
        keep(
            lake,
            [
                *(_logon(4625, at, who) for at, who in ((1, "anna"), (2, "bert"), (3, "anna"))),
                _logon(4624, 0, "anna"),
                _logon(4624, 4, "anna"),
                _logon(4625, 4, source="10.9.9.9"),
            ],
        )
        found = {row["rule"]: row["events"] for row in ask(lake, ready).summed.to_pylist()}
    assert found.get(2, 0) == events
    # What a correlation asks is its own: its rules are not told of.
    assert 0 not in found


def test_rules_are_told_of_where_the_correlation_says_so(tmp_path: Path) -> None:
    ready = rules(tmp_path / "rules", [FAILED, _of("event_count", condition={"gte": 9}, generate=True)])
    assert [one.silent for one in ready.compiled.values()] == [False, False]


def test_a_rule_below_the_level_is_asked_for_its_correlation_alone(tmp_path: Path) -> None:
    bodies = [LET_IN, _of("event_count", condition={"gte": 9}, rules=["let_in"], generate=True)]
    ready = rules(tmp_path / "rules", bodies, level="high")
    assert {one.rule.title: one.silent for one in ready.compiled.values()} == {
        "Logon": True,
        "Many: event_count": False,
    }
    assert ready.passed_over == 0


@pytest.mark.parametrize(
    ("correlation", "why"),
    [
        (_of("value_median", condition={"field": "LogonType", "gte": 2}), "value_median"),
        (
            _of("temporal", condition="failed and not let_in", rules=["failed", "let_in"]),
            "and, or, not",
        ),
        (_of("temporal_ordered", rules=["failed", "let_in"], condition={"gte": 1}), "ordered"),
        (_of("temporal", rules=["failed", "failed"]), "twice"),
        (_of("event_count", condition={"gte": 1.5}), "count"),
        (_of("event_count", condition={"gte": 2}, rules=["nobody"]), "nobody"),
        (_of("event_count", condition={"gte": 2}, rules=["zeek"]), "needs zeek"),
        (_of("event_count", condition={"gte": 2}, timespan="soon"), "soon"),
        (
            _of("value_count", condition={"field": ["IpAddress", "TargetUserName"], "gte": 2}),
            "several fields",
        ),
        (
            _of("event_count", condition={"gte": 2}, aliases={"IpAddress": {"let_in": "x"}}),
            "alias IpAddress",
        ),
    ],
)
def test_what_cannot_be_asked_is_refused(tmp_path: Path, correlation: dict[str, Any], why: str) -> None:
    zeek = {**FAILED, "name": "zeek", "logsource": {"product": "zeek", "service": "dns"}}
    ready = rules(tmp_path / "rules", [FAILED, LET_IN, zeek, correlation])
    refused = {one.rule.title: one.why for one in ready.refused}
    assert why in refused[correlation["title"]]


def test_a_correlation_goes_with_the_rule_that_it_needs(tmp_path: Path) -> None:
    ready = rules(
        tmp_path / "rules",
        [
            FAILED,
            _of("event_count", condition={"gte": 2}),
            rule({"s": {"User": "x"}, "condition": "s"}),
        ],
    )
    ready.refuse({0: "the engine does not take it"})
    assert [one.rule.title for one in ready.compiled.values()] == ["A rule"]
    assert len(ready.refused) == 2


def _named(name: str, kind: str, of: list[str], **more: Any) -> dict[str, Any]:
    return _of(kind, rules=of, **more) | {"name": name, "title": name}


MANY = _named("many", "event_count", ["failed"], condition={"gte": 3})


def _found(
    tmp_path: Path, bodies: list[dict[str, Any]], events: list[dict[str, Any]]
) -> dict[str, int]:
    ready = rules(tmp_path / "rules", bodies)
    assert not ready.refused, ready.refused
    with Lake.open(tmp_path / "lake", create=True) as lake:
        keep(lake, events)
        rows = ask(lake, ready).summed.to_pylist()
    return {ready.compiled[row["rule"]].rule.title: row["events"] for row in rows}


def test_a_match_is_at_the_event_that_completes_it(tmp_path: Path) -> None:
    """Many tries and then a logon: what takes part are the tries and the logon, each once."""
    guessed = _named("guessed", "temporal_ordered", ["many", "let_in"])
    tries = [_logon(4625, at) for at in (1, 2, 3, 4)]
    other = [_logon(4625, 20), _logon(4624, 21, source="10.0.0.2"), _logon(4624, 40)]
    assert _found(
        tmp_path / "a", [FAILED, LET_IN, MANY, guessed], [*tries, _logon(4624, 5), *other]
    ) == {"guessed": 5}
    # Before the third try nothing has matched that the logon could follow.
    early = [*tries[:2], _logon(4624, 2), _logon(4625, 4)]
    assert _found(tmp_path / "b", [FAILED, LET_IN, MANY, guessed], early) == {}


def test_what_only_correlations_look_at_is_not_told(tmp_path: Path) -> None:
    guessed = _named("guessed", "temporal", ["many", "let_in"], timespan="10m")
    events = [*(_logon(4625, at) for at in (1, 2, 3)), _logon(4624, 9)]
    assert _found(tmp_path / "a", [FAILED, LET_IN, MANY, guessed], events) == {"guessed": 4}
    guessed["correlation"]["generate"] = True
    assert _found(tmp_path / "b", [FAILED, LET_IN, MANY, guessed], events) == {
        "guessed": 4,
        "many": 3,
        "Logon": 1,
    }


def test_values_of_matches_are_what_their_groups_are_made_by(tmp_path: Path) -> None:
    """Many tries from each of several sources."""
    many = _named(
        "many", "event_count", ["failed"], condition={"gte": 2}, **{"group-by": ["IpAddress"]}
    )
    spread = _named(
        "spread",
        "value_count",
        ["many"],
        condition={"field": "IpAddress", "gte": 2},
        **{"group-by": []},
    )
    del spread["correlation"]["group-by"]
    events = [
        *(_logon(4625, at, source="10.0.0.1") for at in (1, 2, 3)),
        *(_logon(4625, at, source="10.0.0.2") for at in (4, 5)),
        _logon(4625, 6, source="10.0.0.3"),
    ]
    assert _found(tmp_path / "a", [FAILED, many, spread], events) == {"spread": 5}
    spread["correlation"]["condition"]["gte"] = 3
    assert _found(tmp_path / "b", [FAILED, many, spread], events) == {}


def test_correlations_lie_within_each_other_as_they_stand(tmp_path: Path) -> None:
    guessed = _named("guessed", "temporal_ordered", ["many", "let_in"])
    twice = _named("twice", "temporal_ordered", ["guessed", "out"], timespan="30m")
    out = LET_IN | {
        "name": "out",
        "title": "Out",
        "detection": {"s": {"EventID": 4634}, "condition": "s"},
    }
    events = [*(_logon(4625, at) for at in (1, 2, 3)), _logon(4624, 4), _logon(4634, 9)]
    # The outermost is written first.
    assert _found(tmp_path / "a", [twice, guessed, MANY, FAILED, LET_IN, out], events) == {"twice": 5}
    assert _found(tmp_path / "b", [twice, guessed, MANY, FAILED, LET_IN, out], events[:-1]) == {}


def test_a_level_takes_all_that_a_correlation_needs_along(tmp_path: Path) -> None:
    low = MANY | {"level": "low"}
    guessed = _named("guessed", "temporal_ordered", ["many", "let_in"])
    ready = rules(tmp_path, [FAILED, LET_IN, low, guessed], level="high")
    assert {one.rule.title: one.silent for one in ready.compiled.values()} == {
        "Failed logon": True,
        "Logon": True,
        "many": True,
        "guessed": False,
    }


@pytest.mark.parametrize(
    ("bodies", "why"),
    [
        ([MANY, _named("x", "event_count", ["many"], condition={"gte": 2})], "overlap"),
        (
            [MANY, _named("x", "temporal", ["many", "let_in"], **{"group-by": ["TargetUserName"]})],
            "asks for TargetUserName, by which many makes no groups",
        ),
        (
            [_named("x", "temporal", ["y", "let_in"]), _named("y", "temporal", ["x", "let_in"])],
            "needs (x|y), which is refused, or is a correlation that needs it",
        ),
        (
            [
                MANY,
                *(
                    _named(f"c{n}", "temporal", [f"c{n - 1}" if n else "many", "let_in"])
                    for n in range(6)
                ),
            ],
            "more than 5 deep",
        ),
        (
            [
                *(_named(f"a{n}", "temporal", ["failed", "let_in"]) for n in range(10)),
                *(_named(f"b{n}", "temporal", [f"a{at}" for at in range(10)]) for n in range(10)),
                _named("x", "temporal", [f"b{at}" for at in range(10)]),
            ],
            "more than 100 correlations",
        ),
    ],
)
def test_what_cannot_be_asked_of_correlations_is_refused(
    tmp_path: Path, bodies: list[dict[str, Any]], why: str
) -> None:
    ready = rules(tmp_path, [FAILED, LET_IN, *bodies])
    assert any(re.search(why, one.why) for one in ready.refused), ready.refused


def test_all_that_needs_a_refused_rule_goes_with_it(tmp_path: Path) -> None:
    guessed = _named("guessed", "temporal_ordered", ["many", "let_in"])
    ready = rules(tmp_path, [FAILED, LET_IN, MANY, guessed])
    ready.refuse({0: "the engine does not take it"})
    assert [one.rule.title for one in ready.refused] == ["Failed logon", "many", "guessed"]
    assert [one.rule.title for one in ready.compiled.values()] == ["Logon"]
    assert ready.looked_at(1)
