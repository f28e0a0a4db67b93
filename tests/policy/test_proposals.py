from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sekisho.errors import RequestError
from sekisho.inventory.files import parse_inventory
from sekisho.model.rules import Rule
from sekisho.model.validity import Validity
from sekisho.policy.files import load_policy, parse_policy
from sekisho.policy.proposals import Proposal, render, write_proposals

SITES = b"""
sites:
  jp: {name: HQ, country: JP, prefixes: [10.1.0.0/16, "2001:db8:1::/48"]}
  th: {name: Plant, country: TH, prefixes: [10.40.0.0/16]}
  us: {name: Lab, country: US, realm: acquired, prefixes: [10.1.0.0/16]}
groups: {jp/edi: [10.1.20.0/28]}
"""
INVENTORY = parse_inventory({"sites.yaml": SITES})
RULES = """
connections:
  - {id: A, allow: "* -> jp/edi : udp/53, dns"}
  - {id: B, allow: "10.40.0.0/28, acquired:10.1.2.3 -> 2001:db8:1::/124 : icmp, tcp/500-510"}
"""


def unsigned(rule: Rule) -> Rule:
    """The rule as a proposal: nobody has signed it, and it lies in no file yet."""
    return replace(rule, state="proposed", approved_by={}, file="", line=0, column=0, recorded=None)


def rules() -> list[Rule]:
    return [unsigned(rule) for rule in parse_policy({"p.yaml": RULES.encode()}, INVENTORY).rules]


def read(text: str) -> list[Rule]:
    return [unsigned(rule) for rule in parse_policy({"p.yaml": text.encode()}, INVENTORY).rules]


HOSTILE = st.one_of(
    st.text(max_size=60).filter(lambda text: not {"\ue000", "\ue001"} & set(text)),
    st.sampled_from(
        [
            "no", "~", "12:30", "<<", "&a *a", "!!python/object:x", "- id: X", "a: b # c", "'\"\\",
            "=cmd()", "x\n  - {id: EVIL, allow: '* -> * : any'}", "\x00\x1b[2J\x85\u2028\u202e\ufeff",
            "\tstate: active", "{{ 7*7 }}", "---\n...", "%YAML 1.1",
        ]
    ),
)  # fmt: skip
TIMES = st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1)).map(lambda at: at.replace(tzinfo=UTC))  # noqa: DTZ001
DAYS = TIMES.map(lambda at: at.replace(hour=0, minute=0, second=0, microsecond=0))


@settings(max_examples=150, deadline=None)
@given(
    HOSTILE,
    HOSTILE,
    HOSTILE,
    st.none() | TIMES | DAYS,
    st.none() | st.integers(1, 10**15),
    st.booleans(),
)
def test_what_is_written_reads_back(
    owner: str, ticket: str, why: str, begin: datetime | None, length: int | None, essential: bool
) -> None:
    start = begin or datetime(2024, 1, 1, tzinfo=UTC)
    end = None if length is None else start + timedelta(microseconds=length)
    first, second = rules()
    first = replace(
        first,
        owner=owner.strip(),
        ticket=ticket.strip(),
        why=why.strip(),
        validity=Validity(begin, end),
        tier="essential" if essential else "normal",
    )
    proposals = [Proposal(first, notes=(owner, why), witnesses=(ticket,)), Proposal(second)]
    text = render(proposals)
    assert read(text) == [first, second]
    assert all(line.isprintable() for line in text.split("\n"))


def test_comments_stay_comments_and_nothing_is_signed() -> None:
    note = "x\n- {id: EVIL, allow: '* -> * : any'}\u2028- y\x85z\r  - q"
    witnesses = tuple(f"zeek.log:{n}\nid: X" for n in range(30))
    text = render([Proposal(rules()[0], notes=(note,), witnesses=witnesses)])
    (rule,) = parse_policy({"p.yaml": text.encode()}, INVENTORY).rules
    assert (rule.id, rule.state, rule.approved_by) == ("A", "proposed", {})
    assert text.count("# witness:") == 21
    assert "and 10 more" in text


def test_no_proposals_is_a_file_that_reads() -> None:
    assert read(render([])) == []


def test_characters_that_no_file_can_hold_are_replaced() -> None:
    rule = replace(rules()[0], why="a\ud800b\ue000c")
    assert read(render([Proposal(rule)]))[0].why == "a\ufffdb\ufffdc"


def test_an_active_or_signed_rule_is_no_proposal() -> None:
    with pytest.raises(ValueError, match="A is no proposal"):
        Proposal(replace(rules()[0], state="active"))
    with pytest.raises(ValueError, match="signed"):
        Proposal(replace(rules()[0], approved_by={"jp": "tanaka"}))


def test_a_file_is_written_whole_and_never_over_another(tmp_path: Path) -> None:
    path = tmp_path / "policy" / "proposed-2024.yaml"
    write_proposals(path, render([Proposal(rule) for rule in rules()]))
    assert [rule.id for rule in load_policy(tmp_path, INVENTORY).rules] == ["A", "B"]
    before = path.read_bytes()
    with pytest.raises(RequestError, match="exists already"):
        write_proposals(path, "connections: []\n")
    assert path.read_bytes() == before
    dangling = path.with_name("proposed-link.yaml")
    dangling.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(RequestError, match="exists already"):
        write_proposals(dangling, "connections: []\n")
    assert sorted(p.name for p in path.parent.iterdir()) == ["proposed-2024.yaml", "proposed-link.yaml"]
    assert not (tmp_path / "elsewhere").exists()


def test_a_folder_that_is_none_and_a_file_too_large(tmp_path: Path) -> None:
    (tmp_path / "policy").write_text("")
    with pytest.raises(RequestError, match="cannot be made"):
        write_proposals(tmp_path / "policy" / "proposed-1.yaml", "")
    with pytest.raises(RequestError, match="at most"):
        write_proposals(tmp_path / "proposed-1.yaml", "x" * (9 << 20))
