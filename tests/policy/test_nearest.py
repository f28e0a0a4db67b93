from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from ipaddress import ip_address

import pytest

from sekisho.inventory.register import Inventory
from sekisho.policy.compile import CompiledPolicy
from sekisho.policy.nearest import last_moment, moment, nearest

AT = datetime(2020, 6, 2, tzinfo=UTC)
RULES = """
connections:
  - {id: EDI, allow: "th/edi -> jp/edi : tcp/8443"}
  - {id: DB, allow: "th/* -> jp/db : mssql", expires: 2019-12-31}
  - {id: SOON, allow: "th/* -> jp/db : http", from: 2021-01-01}
  - {id: MAYBE, allow: "th/* -> jp/* : rdp", state: proposed}
  - {id: ALL, allow: "* -> 10.1.7.7 : ntp"}
  - {id: LAB, allow: "us/* -> th/* : ssh"}
"""


@pytest.mark.parametrize(
    ("src", "dst", "protocol", "port", "found"),
    [
        ("10.40.1.1", "10.1.30.1", 6, 1433, ("DB", "expired 2019-12-31")),
        ("10.40.1.1", "10.1.30.1", 6, 80, ("SOON", "not valid before 2021-01-01")),
        ("10.40.1.1", "10.1.30.1", 6, 3389, ("MAYBE", "only proposed: nobody has signed it yet")),
        ("10.40.2.10", "10.1.20.1", 6, 445, ("EDI", "allows tcp/8443, not tcp/445")),
        ("10.40.1.1", "10.1.20.1", 6, 8443, ("EDI", "source 10.40.1.1 is not in th/edi")),
        ("10.40.2.10", "10.1.1.1", 6, 8443, ("EDI", "destination 10.1.1.1 is not in jp/edi")),
        ("10.40.2.10", "10.60.1.1", 6, 22, ("LAB", "allows the other direction")),
        ("10.60.1.1", "8.8.8.8", 17, 123, ("ALL", "destination 8.8.8.8 is not in 10.1.7.7")),
        ("8.8.8.8", "10.1.7.7", 17, 123, ("ALL", "source 8.8.8.8 is in no site")),
        ("10.60.1.1", "10.1.20.1", 47, 0, None),
    ],
)
def test_the_one_thing_that_a_rule_lacks(
    register: Callable[[str], CompiledPolicy],
    src: str, dst: str, protocol: int, port: int, found: tuple[str, str] | None,
) -> None:  # fmt: skip
    judge = register(RULES)
    assert nearest(judge, ("", ip_address(src)), ("", ip_address(dst)), protocol, port, AT) == found


def test_the_rule_of_the_same_site_and_the_narrowest_comes_first(
    register: Callable[[str], CompiledPolicy],
) -> None:
    judge = register(
        """
connections:
  - {id: WIDE, allow: "us/* -> jp/* : smb"}
  - {id: HOST, allow: "us/*, asset:th-app02 -> jp/* : smb"}
  - {id: GROUP, allow: "th/edi -> jp/edi : smb"}
"""
    )
    ends = ("", ip_address("10.40.1.1")), ("", ip_address("10.1.20.1"))
    assert nearest(judge, *ends, 6, 445, AT) == ("GROUP", "source 10.40.1.1 is not in th/edi")


def test_a_rule_recorded_later_is_named_as_such(
    register: Callable[[str], CompiledPolicy], world: Inventory
) -> None:
    policy = register("connections: [{id: LATE, allow: 'th/* -> jp/* : smb', from: 2020-01-01}]").policy
    (rule,) = policy.rules
    late = replace(rule, recorded=datetime(2020, 6, 5, 9, 30, tzinfo=UTC))
    judge = CompiledPolicy(replace(policy, rules=(late,)), world)
    ends = ("", ip_address("10.40.1.1")), ("", ip_address("10.1.20.1"))
    assert nearest(judge, *ends, 6, 445, AT) == (
        "LATE",
        "retroactive: recorded 2020-06-05T09:30:00Z; a second person has not accepted it",
    )
    ended = replace(late, validity=replace(rule.validity, end=datetime(2020, 6, 3, tzinfo=UTC)))
    judge = CompiledPolicy(replace(policy, rules=(ended,)), world)
    found = nearest(judge, *ends, 6, 445, AT)
    assert found is not None
    assert "when it had already ended" in found[1]


def test_moments_are_days_where_they_are_midnights() -> None:
    assert moment(datetime(2020, 6, 1, tzinfo=UTC)) == "2020-06-01"
    assert moment(datetime(2020, 6, 1, 9, tzinfo=UTC)) == "2020-06-01T09:00:00Z"
    assert last_moment(datetime(2020, 3, 1, tzinfo=UTC)) == "2020-02-29"
    assert last_moment(datetime(2020, 3, 1, 8, tzinfo=UTC)) == "2020-03-01T08:00:00Z"
