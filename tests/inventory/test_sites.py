from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from sekisho.errors import Problem
from sekisho.inventory.register import Inventory
from sekisho.model.validity import Validity

GOOD = """\
external: audit
realms: {acquired: bought in 2019}
sites:
  jp: {name: Head office, country: JP, timezone: Asia/Tokyo, owner: it, prefixes: [10.1.0.0/16]}
  th:
    country: TH
    prefixes:
      - {prefix: 10.40.0.0/16, from: 2019-04-01, until: 2020-03-31}
    external: observe
  de: {country: DE, prefixes: 10.40.0.0/16, realm: acquired}
groups:
  jp/db: [10.1.30.0/28, 10.1.31.1]
zones:
  isp: 203.0.113.0/24
sensors:
  edge: {site: jp, kind: zeek, sampling: 100, sees: edge, paths: logs/*.log}
  core: {site: jp, realms: [{match: {vlan: 12}, realm: acquired}], match: {host: a}}
"""


def test_everything_that_may_be_said(inventory: Callable[..., Inventory]) -> None:
    found = inventory(GOOD)
    assert list(found.sites) == ["jp", "th", "de"]
    assert found.sites["jp"].title == "Head office"
    assert (found.sites["jp"].external, found.sites["th"].external) == ("audit", "observe")
    assert found.sites["th"].prefixes[0].validity.holds(datetime(2020, 3, 31, 23, tzinfo=UTC))
    assert [str(m.prefix) for m in found.groups["jp/db"].members] == ["10.1.30.0/28", "10.1.31.1/32"]
    assert found.sensors["edge"].sees == {"edge"}
    assert found.sensors["edge"].paths == ("logs/*.log",)
    assert found.sensors["core"].realms[0].match == {"vlan": "12"}
    assert str(found.zones["isp"].prefixes[0].prefix) == "203.0.113.0/24"
    assert found.realms == {"", "acquired"}


@pytest.mark.parametrize(
    ("text", "code", "says"),
    [
        ("[1, 2]", "file/type", "begin with"),
        ("sites: [a]\n", "file/type", "indented"),
        ("groups: {db: [10.1.0.1]}\n", "group/name", "site/db"),
        (GOOD + "  far: {site: jpp}\n", "sensor/unknown-site", "did you mean `jp`"),
        (GOOD.replace("jp/db", "jq/db"), "group/unknown-site", "jp"),
        (
            GOOD.replace("realm: acquired}\ngroups", "realm: aquired}\ngroups"),
            "realm/unknown",
            "acquired",
        ),
        (GOOD.replace("  jp: {name", "  j p: {name"), "name/text", ""),
    ],
)
def test_what_is_wrong_is_told(
    text: str, code: str, says: str, problems: Callable[..., tuple[Problem, ...]]
) -> None:
    found = {p.code: p for p in problems(text)}
    assert code in found or code == "name/text", found
    if code in found:
        assert says in found[code].mend
    else:
        assert any(c.startswith("name/") for c in found)


def test_a_broken_site_brings_no_error_for_its_groups_and_sensors(
    located: Callable[..., list[tuple[int, int, str]]],
) -> None:
    text = GOOD.replace("country: JP,", "country: JPN,")
    assert [code for _, _, code in located(text)] == ["country/unknown"]


def test_a_site_without_a_country_is_a_warning(inventory: Callable[..., Inventory]) -> None:
    found = inventory("sites: {x: {prefixes: [10.0.0.0/8]}}\n")
    assert [problem.code for problem in found.warnings] == ["site/no-country"]
    assert found.sites["x"].country == ""


def test_an_empty_file_is_an_empty_inventory(inventory: Callable[..., Inventory]) -> None:
    assert inventory("").sites == {}
    assert inventory("# nothing yet\n").sites == {}


def test_a_site_must_run_always_or_for_a_time(
    inventory: Callable[..., Inventory], problems: Callable[..., tuple[Problem, ...]]
) -> None:
    site = "sites: {x: {country: JP, prefixes: [10.0.0.0/8], must_run: %s}}\n"
    assert inventory(site % "true").sites["x"].must_run == Validity()
    assert inventory(site % "false").sites["x"].must_run is None
    dated = inventory(site % "{from: 2026-01-01, until: 2026-03-31}").sites["x"].must_run
    assert dated is not None
    assert (dated.holds(datetime(2026, 3, 31, 23, tzinfo=UTC)), dated.begin) == (
        True,
        datetime(2026, 1, 1, tzinfo=UTC),
    )
    assert not dated.holds(datetime(2026, 4, 1, tzinfo=UTC))
    assert problems(site % "{from: 2026-03-01, until: 2026-01-31}")
    assert problems(site % "sometimes")
