from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime
from typing import Any

from sekisho.model.findings import NearestRule
from sekisho.policy.explain import EndTrace, PolicyExplanation, RuleTrace, Trace
from sekisho.reports.base import Options
from sekisho.reports.registry import render
from sekisho.reports.views.policy_explanation import rules_sheet

AT = datetime(2020, 6, 4, 9, tzinfo=UTC)
SRC = EndTrace(
    address="10.40.2.10", scope="site", asset="edi-1", site="th-plant", groups=("th-plant/edi",)
)
DST = EndTrace(address="10.1.7.7", realm="acme", scope="zone", zones=("vendor",))


def rule(name: str, why_not: str | None = None, **more: Any) -> RuleTrace:
    values: dict[str, Any] = {"owner": "edi", "ticket": "CHG-1", "file": "policy.yaml", "line": 7}
    return RuleTrace(id=name, allow="a -> b : smb", why_not=why_not, **(values | more))


def trace(*rules: RuleTrace, **more: Any) -> Trace:
    values: dict[str, Any] = {
        "src": SRC,
        "dst": DST,
        "protocol": "tcp",
        "port": 445,
        "service": "smb",
        "verdict": "lapsed",
        "nearest": None,
        "because": "EDI names it, but did not hold then",
    }
    return Trace(rules=rules, **(values | more))


def shown(*traces: Trace, to: str = "table", notes: tuple[str, ...] = ()) -> str:
    stream = io.StringIO()
    document = PolicyExplanation(at=AT, asked="a -> b : smb", traces=traces, notes=notes)
    render(document, to, stream, Options())
    return "\n".join(line.rstrip() for line in stream.getvalue().splitlines())


def test_verdict_ends_and_what_each_rule_says() -> None:
    lost = NearestRule(id="EDI", why_not="expired 2020-06-02")
    text = shown(trace(rule("EDI", "expired 2020-06-02"), rule("OLD"), nearest=lost))
    lines = [line.strip() for line in text.splitlines()]
    assert lines[0] == "a -> b : smb at 2020-06-04 09:00 UTC: lapsed."
    assert "lapsed  smb  EDI names it, but did not hold then" in lines
    assert "from 10.40.2.10 (edi-1) at th-plant, group th-plant/edi" in lines
    assert "to   10.1.7.7 at acme:zone, zone vendor" in lines
    assert "rule EDI does not: expired 2020-06-02 (policy.yaml:7; edi, CHG-1)" in lines
    assert "rule OLD permits it (policy.yaml:7; edi, CHG-1)" in lines
    assert "nearest rule EDI: expired 2020-06-02" in lines
    assert max(map(len, text.splitlines())) <= 80


def test_several_pairs_are_counted_not_judged_as_one() -> None:
    text = shown(trace(), trace(verdict="intra_site", because="x"), notes=("several cases: a, b",))
    assert text.splitlines()[0].endswith("2 pairs of ends.")
    assert "intra site" in text
    assert "several cases: a, b" in text


def test_a_rule_is_listed_once_unless_it_says_two_things() -> None:
    late = rule("EDI", "retroactive: recorded 2020-06-05")
    sheet = rules_sheet((trace(rule("EDI"), late), trace(rule("EDI"))))
    assert [(row[0], row[1]) for row in sheet.rows] == [
        ("EDI", "permits"),
        ("EDI", "retroactive: recorded 2020-06-05"),
    ]


def test_hostile_names_stay_text() -> None:
    bad = SRC.model_copy(update={"asset": "\x1b[31m[bold]x"})
    text = shown(trace(src=bad))
    assert "\x1b" not in text
    assert "[bold]x" in text


def test_csv_and_json_carry_it_all() -> None:
    (head, row) = csv.reader(io.StringIO(shown(trace(rule("EDI")), to="csv")))
    assert dict(zip(head, row, strict=True))["verdict"] == "lapsed"
    document = json.loads(shown(trace(rule("EDI")), to="json"))
    assert document["schema"] == "sekisho.policy-explanation/1"
    assert document["traces"][0]["rules"][0]["id"] == "EDI"
    assert "realm" not in document["traces"][0]["src"]


def test_a_site_has_more_pairs_than_a_person_reads() -> None:
    many = [trace() for _ in range(30)]
    many[20] = trace(verdict="authorized")
    text = shown(*many)
    assert text.count("from 10.40.2.10") == 8
    assert text.count("\nauthorized  smb") == 1, "no verdict is left out"
    assert "and 22 more" in text
    assert len(json.loads(shown(*many, to="json"))["traces"]) == 30


def test_what_owners_said_of_a_rule() -> None:
    text = shown(trace(rule("EDI", recertified={"th-plant": "2020-06-08T00:00:00.000000Z"})))
    assert "needed still, as its owners said: th-plant on 2020-06-08" in text
