from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from sekisho.policy.compile import CompiledPolicy

Wrongs = Callable[..., list[tuple[int, int, str, str]]]


def test_a_rule_with_everything(register: Callable[[str], CompiledPolicy]) -> None:
    policy = register(
        """\
services:
  mes: tcp/9000
intra_site: [th]
connections:
  - id: TH-EDI
    allow: >-
      th/edi -> jp/edi, asset:jp-files01 :
      tcp/8443, mes
    owner: " logistics "
    ticket: 12345
    why: Orders
    approved_by: {th: anong, jp: tanaka}
    from: 2020-01-01
    expires: 2020-12-31
    tier: essential
tests:
  - deny: "th/* -> jp/* : smb"
    at: 2020-02-01
  - allow: "th/edi -> jp/edi : mes"
"""
    ).policy
    (rule,) = policy.rules
    assert (rule.id, rule.owner, rule.ticket, rule.tier) == (
        "TH-EDI", "logistics", "12345", "essential",
    )  # fmt: skip
    assert rule.allow == "th/edi -> jp/edi, asset:jp-files01 : tcp/8443, mes"
    assert rule.validity.end == datetime(2021, 1, 1, tzinfo=UTC)
    assert (rule.file, rule.line, rule.column) == ("policy.yaml", 5, 5)
    assert policy.intra_site == {"th"}
    deny, allow = policy.tests
    assert (deny.expect, deny.at, deny.line) == ("deny", datetime(2020, 2, 1, tzinfo=UTC), 17)
    assert (allow.expect, allow.at) == ("allow", None)


def test_audit_inside_every_site_that_rules_reach_with_both_ends(
    register: Callable[[str], CompiledPolicy],
) -> None:
    policy = register(
        """
intra_site: audit
connections:
  - {id: A, allow: "th/edi -> th/* : ssh"}
  - {id: B, allow: "us/* -> jp/* : ssh"}
  - {id: C, allow: "us/* -> us/* : ssh", state: proposed}
"""
    ).policy
    assert policy.intra_site == {"th"}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("connections:\n  - {id: A, allow: 'th/* -> jq/* : https'}", (2, 29, "rule/unknown-site")),
        ("connections:\n  - id: A\n    allow: th/* -> jp/* : htps\n", (3, 27, "service/unknown")),
        (
            "connections:\n  - id: A\n    allow: |\n      th/* ->\n      jp/ed : https\n",
            (5, 10, "rule/unknown-group"),
        ),
        ("connections:\n  - {id: A B, allow: 'th/* -> jp/* : https'}", (2, 10, "rule/id")),
        ("connections:\n  - {id: A, alow: x}", (2, 13, "file/unknown-key")),
        ("connections:\n  - {id: A, allow: 5}", (2, 20, "rule/no-arrow")),
        ("connections:\n  - {id: A, allow: 'th/* -> jp/* : https', from: 2020-02-30}", (2, 50, "time/none")),
        (
            "connections:\n  - {id: A, allow: 'th/* -> jp/* : any', from: 2020-02-02, expires: 2020-02-01}",
            (2, 5, "time/backwards"),
        ),
        ("services: {smb: tcp/1}", (1, 12, "service/known")),
        ("services: {mes: tcp/1, MES: tcp/2}", (1, 24, "service/twice")),
        ("services: {a/b: tcp/1}", (1, 12, "service/name")),
        ("services: {mes: [tcp/1, tcp/70000]}", (1, 29, "service/ports")),
        ("intra_site: yes", (1, 13, "intra-site/value")),
        ("intra_site: [jp, jo]", (1, 18, "rule/unknown-site")),
        ("tests:\n  - {allow: 'th/* -> jp/* : any', deny: 'th/* -> jp/* : any'}", (2, 5, "test/one")),
        ("tests:\n  - {at: 2020-01-01}", (2, 5, "test/one")),
        ("tests: th", (1, 8, "file/type")),
    ],
)  # fmt: skip
def test_a_mistake_is_located(wrongs: Wrongs, text: str, found: tuple[int, int, str]) -> None:
    line, column, code = found
    seen = wrongs(text)
    assert any(
        (at, place) == (line, column) and name.startswith(code) for at, place, name, _ in seen
    ), seen


def test_all_mistakes_at_once_each_with_its_mend(wrongs: Wrongs) -> None:
    seen = wrongs(
        """\
connections:
  - {id: A, allow: "th -> jp/ed : htps", owner: x}
  - {id: A, allow: "th/* <-> jp/* : https"}
  - {allow: "th/* -> jp/* : https"}
"""
    )
    assert {code for *_, code, _ in seen} >= {
        "rule/selector", "rule/unknown-group", "service/unknown", "rule/id-twice", "rule/arrow",
    }  # fmt: skip
    assert all(mend for *_, mend in seen)
    assert {line for line, *_ in seen} == {2, 3, 4}
