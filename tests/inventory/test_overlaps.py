"""A prefix belongs to one site at a time; a zone is a party outside."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from sekisho.inventory.overlaps import merged
from sekisho.inventory.register import Inventory

BASE = """\
sites:
  a: {country: JP, prefixes: [10.1.0.0/16%s]}
  b: {country: TH, prefixes: [10.2.0.0/16%s]}
groups:
  a/g: [%s]
zones:
  z: [%s]
"""


def text(a: str = "", b: str = "", group: str = "10.1.0.5", zone: str = "203.0.113.0/24") -> str:
    return BASE % (a and f", {a}", b and f", {b}", group, zone)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (text(), []),
        (text(b="10.1.0.0/16"), [(3, 44, "site/prefix-twice")]),
        (text(b="10.1.5.0/24"), []),
        (text(a="10.1.0.0/16"), [(2, 44, "site/prefix-repeated")]),
        (text(a="224.0.0.0/4"), [(2, 44, "prefix/local-scope")]),
        (text(group="10.9.0.1"), [(5, 9, "group/outside-site")]),
        (text(group="10.2.0.1"), [(5, 9, "group/outside-site")]),
        (text(b="10.1.5.0/24", group="10.1.5.1"), [(5, 9, "group/outside-site")]),
        (text(zone="10.1.7.0/24"), [(7, 7, "zone/overlaps-site")]),
        (text(zone="10.0.0.0/8"), [(7, 7, "zone/overlaps-site")]),
    ],
)
def test_who_owns_what(
    written: str,
    expected: list[tuple[int, int, str]],
    located: Callable[..., list[tuple[int, int, str]]],
) -> None:
    assert located(written) == expected


def test_dates_and_realms_keep_the_same_prefix_apart(
    located: Callable[..., list[tuple[int, int, str]]],
) -> None:
    moved = (
        "sites:\n"
        "  a: {country: JP, prefixes: [{prefix: 10.1.0.0/16, until: 2020-01-31}]}\n"
        "  b: {country: TH, prefixes: [{prefix: 10.1.0.0/16, from: 2020-02-01}]}\n"
        "  c: {country: DE, prefixes: [10.1.0.0/16], realm: other}\n"
    )
    assert located(moved) == []
    assert [code for _, _, code in located(moved.replace("02-01", "01-31"))] == ["site/prefix-twice"]


def test_what_never_holds_is_a_warning(located: Callable[..., list[tuple[int, int, str]]]) -> None:
    written = (
        "sites:\n"
        "  a: {country: JP, from: 2020-02-01, prefixes: [{prefix: 10.1.0.0/16, until: 2020-01-01}]}\n"
    )
    assert located(written) == [(2, 49, "site/never")]


def test_neighbouring_prefixes_are_one_range(inventory: Callable[..., Inventory]) -> None:
    found = inventory("sites: {a: {country: JP, prefixes: [10.0.1.0/24, 10.0.0.0/24, 10.0.4.0/24]}}")
    assert len(merged(found.sites["a"])) == 2
