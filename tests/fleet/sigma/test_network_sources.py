from __future__ import annotations

from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
from sigma.exceptions import SigmaFeatureNotSupportedByBackendError
from tests.fleet.sigma.conftest import rules

from sekisho.fleet.sigma.logsources import Unrecorded
from sekisho.fleet.sigma.network_sources import adapted, relation_of, source_of
from sekisho.intel.detections import Logsource
from sekisho.model.predicates import (
    Alike,
    Anywhere,
    Compared,
    Either,
    Every,
    Expression,
    Like,
    Not,
    Within,
)
from sekisho.store.queries.network import RELATIONS


@pytest.mark.parametrize(
    ("logsource", "relation"),
    [
        (Logsource("zeek", "", "smb_files"), "smb_files"),
        (Logsource("zeek", "dns"), "dns"),
        (Logsource("", "firewall"), "conn"),
        (Logsource("", "proxy"), "http"),
        (Logsource("windows", "network_connection"), None),
        (Logsource("", "process_creation"), None),
        (Logsource("", "dns", "dns-server"), None),
        (Logsource("linux", "network_connection"), None),
    ],
)
def test_what_a_log_source_means(logsource: Logsource, relation: str | None) -> None:
    assert relation_of(logsource) == relation


@pytest.mark.parametrize(
    ("logsource", "why"),
    [(Logsource("zeek", "", "x509"), "log x509"), (Logsource("zeek", "teapot"), "which log of Zeek")],
)
def test_a_log_of_which_nothing_is_kept_is_said(logsource: Logsource, why: str) -> None:
    with pytest.raises(Unrecorded, match=why):
        relation_of(logsource)


@pytest.mark.parametrize("relation", sorted(RELATIONS))
def test_every_name_leads_to_a_value_that_is_kept(relation: str) -> None:
    names = dict(source_of(relation).names)
    assert set(names.values()) <= RELATIONS[relation].values.keys()
    assert names["src_ip"] == names["id.orig_h"] == "id.orig_h"


def test_every_name_is_on_its_page() -> None:
    page = (Path(__file__).parents[3] / "docs" / "reference" / "sigma-network.md").read_text()
    for relation in RELATIONS:
        for name in dict(source_of(relation).names):
            assert f"`{name}`" in page, (relation, name)


def test_what_is_not_kept_is_named() -> None:
    asked = Every((Like("query", ("a",)), Not(Like("rejected", ("true",))), Like("Z", ("0",))))
    with pytest.raises(Unrecorded, match=r"^Z, rejected are not kept of DNS"):
        adapted(asked, "dns")
    with pytest.raises(Unrecorded, match="words anywhere"):
        adapted(Anywhere(("x",)), "dns")


def test_of_several_values_any_may_meet_a_condition() -> None:
    wild = Like("answers", ("1.2.", *Like("x", ()).pattern))
    assert adapted(Not(wild), "dns") == Not(Expression("answers", r"^1\.2\.$", "im"))
    assert adapted(Expression("answer", "[Aa]b$"), "dns") == Expression("answer", "[Aa]b$", "im")
    for part in (
        Within("answers", ip_network("10.0.0.0/8")),
        Compared("answers", ">", 3),
        Alike("answers", "query"),
        Alike("query", "answers"),
    ):
        with pytest.raises(SigmaFeatureNotSupportedByBackendError, match="several"):
            adapted(part, "dns")


def test_what_has_no_case_is_compared_without_it() -> None:
    asked = Either((Like("query", ("A.B",), cased=True), Expression("query", "A")))
    assert adapted(asked, "dns") == Either((Like("query", ("A.B",)), Expression("query", "A", "i")))
    agent = Like("user_agent", ("Curl",), cased=True)
    assert adapted(agent, "http") == agent


def _rule(detection: dict[str, Any], **logsource: str) -> dict[str, Any]:
    return {"title": "A rule", "logsource": logsource, "detection": detection | {"condition": "a"}}


def test_rules_of_both_are_asked_of_both(tmp_path: Path) -> None:
    asked = rules(
        tmp_path,
        [
            _rule({"a": {"query": "x"}}, category="dns"),
            _rule({"a": {"query": "x", "record_type": "TXT"}}, category="dns"),
            _rule({"a": {"query": "x", "rejected": True}}, product="zeek", service="dns"),
            _rule({"a": {"cs-method": "PUT"}}, category="proxy"),
        ],
    )
    both, terminals = asked.compiled.values()
    assert (both.question is None, both.network is None) == (False, False)
    assert (terminals.question is None, terminals.network is None) == (False, True)
    assert [(one.unrecorded, one.why) for one in asked.refused] == [
        (True, "rejected is not kept of DNS questions and answers"),
        (True, "cs-method is not kept of HTTP requests"),
    ]


def test_groups_are_made_by_values_that_are_kept(tmp_path: Path) -> None:
    base = _rule({"a": {"query": "x"}}, product="zeek", service="dns") | {"name": "base"}

    def counted(*by: str) -> dict[str, Any]:
        return {
            "title": "Many",
            "correlation": {
                "type": "event_count",
                "rules": ["base"],
                "group-by": list(by),
                "timespan": "5m",
                "condition": {"gte": 3},
            },
        }

    asked = rules(tmp_path, [base, counted("id.orig_h"), counted("id.orig_h", "qtype_name")])
    assert len(asked.correlations()) == 1
    (refused,) = asked.refused
    assert (refused.unrecorded, refused.why) == (
        True,
        "qtype_name is not kept of DNS questions and answers",
    )
