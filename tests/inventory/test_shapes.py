from __future__ import annotations

from collections.abc import Callable

import pytest

from sekisho.errors import Problem
from sekisho.inventory.register import Inventory

SITE = "sites:\n  a: {country: JP, prefixes: [10.0.0.0/8]}\n"


@pytest.mark.parametrize(
    "written", ["10.0.0.0/8", "[10.0.0.0/8]", "{prefix: 10.0.0.0/8}", "[{prefix: 10.0.0.0/8}]"]
)
def test_one_where_a_list_may_stand(written: str, inventory: Callable[..., Inventory]) -> None:
    found = inventory(f"sites:\n  a: {{country: JP, prefixes: {written}}}\n")
    assert [str(p.prefix) for p in found.sites["a"].prefixes] == ["10.0.0.0/8"]


@pytest.mark.parametrize(
    ("rate", "good"), [("1", True), ("1000", True), ("0", False), ("-1", False), ("1:1000", False)]
)
def test_sampling_is_a_number_from_one(
    rate: str, good: bool, problems: Callable[..., tuple[Problem, ...]]
) -> None:
    found = problems(f'{SITE}sensors:\n  s: {{site: a, sampling: "{rate}"}}\n')
    assert [p.code for p in found if p.code == "sensor/sampling"] == (
        [] if good else ["sensor/sampling"]
    )


def test_dates_in_the_wrong_order_are_told_where_they_stand(
    problems: Callable[..., tuple[Problem, ...]],
) -> None:
    text = SITE.replace("JP,", "JP, from: 2020-02-01, until: 2020-01-31,")
    (problem,) = problems(text)
    assert (problem.code, problem.line) == ("time/backwards", 2)


def test_realms_may_be_a_list_or_a_map(inventory: Callable[..., Inventory]) -> None:
    for written in ("[one]", "{one: remark}", "one"):
        text = f"realms: {written}\n{SITE}zones: {{z: {{prefixes: [10.0.0.0/8], realm: one}}}}\n"
        assert "one" in inventory(text).realms


def test_a_sensor_sees_what_it_can(problems: Callable[..., tuple[Problem, ...]]) -> None:
    found = problems(f"{SITE}sensors:\n  s: {{site: a, sees: [edge, everything]}}\n")
    assert [p.code for p in found] == ["file/value"]
