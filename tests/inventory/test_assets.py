from __future__ import annotations

from collections.abc import Callable

import pytest

from sekisho.errors import Problem
from sekisho.inventory.register import Inventory

SITES = """\
sites:
  jp: {country: JP, prefixes: [10.1.0.0/16]}
  th: {country: TH, prefixes: [10.1.5.0/24, 10.40.0.0/16]}
  de: {country: DE, prefixes: [10.1.0.0/16], realm: gmbh}
groups: {jp/db: [10.1.30.0/28]}
"""
HEAD = "address,hostname,site,groups,owner,criticality,realm,from,until\n"


def test_rows_name_addresses_and_fill_groups(inventory: Callable[..., Inventory]) -> None:
    found = inventory(
        SITES,
        HEAD
        + "10.1.30.99,db9,,db; jp/backup,it,HIGH\n2001:db8::1,x,,,\n".replace(
            "2001:db8::1", "10.40.1.1"
        )
        + "10.1.0.7,de7,,,,,gmbh\n",
    )
    first, second, third = found.assets
    assert (first.site, first.groups, first.criticality) == ("jp", ("jp/db", "jp/backup"), "high")
    assert (second.site, second.criticality) == ("th", "normal")
    assert (third.site, third.realm) == ("de", "gmbh")
    assert [str(m.prefix) for m in found.groups["jp/db"].members] == ["10.1.30.0/28", "10.1.30.99/32"]
    assert "jp/backup" in found.groups


@pytest.mark.parametrize(
    ("row", "column", "code"),
    [
        ("nonsense,a", 1, "address/text"),
        ("10.1.0.1,", 10, "asset/no-hostname"),
        ("10.1.0.1,a b", 10, "asset/hostname"),
        ("10.1.0.1,a,jpp", 12, "asset/unknown-site"),
        ("10.1.0.1,a,th", 12, "asset/other-site"),
        ("10.1.5.1,a,jp", 12, "asset/other-site"),
        ("8.8.8.8,a", 1, "asset/no-site"),
        ("10.1.0.1,a,,th/db", 13, "asset/group-of-other-site"),
        ("10.1.0.1,a,,d b", 13, "name/text"),
        ("10.1.0.1,a,,,,vital", 15, "asset/criticality"),
        ("10.1.0.1,a,,,,,nowhere", 16, "realm/unknown"),
        ("10.1.0.1,a,,,,,,2020-02-30", 17, "time/none"),
        ("10.1.0.1,a,,,,,,2020-02-02,2020-02-01", 17, "time/backwards"),
    ],
)
def test_a_wrong_row_is_told_and_the_others_are_read(
    row: str, column: int, code: str, problems: Callable[..., tuple[Problem, ...]]
) -> None:
    found = problems(SITES, HEAD + row + "\n10.1.0.2,fine\n")
    assert [(p.file, p.line) for p in found] == [("assets.csv", 2)]
    assert found[0].code.split("/")[0] == code.split("/")[0]
    assert found[0].column == column
    assert found[0].mend


def test_all_wrong_rows_come_at_once(located: Callable[..., list[tuple[int, int, str]]]) -> None:
    found = located(SITES, HEAD + "x,a\n10.1.0.1,\n10.1.0.2,ok\n8.8.8.8,b\n")
    assert [line for line, _, _ in found] == [2, 3, 5]


def test_an_address_twice_is_a_warning_unless_dated_apart(
    located: Callable[..., list[tuple[int, int, str]]],
) -> None:
    rows = "10.1.0.1,a,,,,,,,%s\n10.1.0.1,b,,,,,,%s,\n"
    assert located(SITES, HEAD + rows % ("2020-01-31", "2020-02-01")) == []
    assert located(SITES, HEAD + rows % ("", "")) == [(3, 1, "asset/repeated")]


def test_what_an_asset_keeps(inventory: Callable[..., Inventory]) -> None:
    head = "address,hostname,division,data,people\n"
    found = inventory(
        SITES, head + '10.1.30.1,a,Aircraft,drawings; personal data;drawings,"12 000"\n10.1.30.2,b,,,\n'
    )
    first, second = found.assets
    assert (first.division, first.data, first.people) == (
        "Aircraft",
        ("drawings", "personal data"),
        12_000,
    )
    assert (second.division, second.data, second.people) == ("", (), None)


@pytest.mark.parametrize("people", ["many", "-5", "1.5", "99999999999999", "\u0663"])
def test_a_count_of_people_is_a_whole_number(
    people: str, problems: Callable[..., tuple[Problem, ...]]
) -> None:
    (problem,) = problems(SITES, f"address,hostname,people\n10.1.30.1,a,{people}\n")
    assert (problem.code, problem.line, problem.column) == ("asset/people", 2, 13)
