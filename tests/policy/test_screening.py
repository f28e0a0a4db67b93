from __future__ import annotations

from datetime import UTC, datetime
from ipaddress import ip_address
from typing import Any

from sekisho.inventory.files import parse_inventory
from sekisho.model.rules import Policy
from sekisho.policy.compile import CompiledPolicy
from sekisho.policy.observed import Observed
from sekisho.policy.screening import screen

SITES = b"""
sites:
  jp: {name: HQ, country: JP, prefixes: [10.1.0.0/16]}
  th: {name: Plant, country: TH, prefixes: [10.40.0.0/16]}
"""
INVENTORY = parse_inventory({"sites.yaml": SITES})
POLICY = CompiledPolicy(Policy(), INVENTORY)


def day(number: int) -> datetime:
    return datetime(2024, 3, number, tzinfo=UTC)


def seen(src: str, dst: str, first: int, last: int, port: int = 445, **changes: Any) -> Observed:
    values: dict[str, Any] = {"flows": 4, "established": 4, "days_active": 2}
    ends = "", ip_address(src), "", ip_address(dst)
    return Observed(*ends, 6, port, first_seen=day(first), last_seen=day(last), **(values | changes))


def reasons(observed: list[Observed], *windows: tuple[int, int], fan_out: int = 100) -> list[str]:
    found = screen(observed, POLICY, [(day(a), day(b)) for a, b in windows], fan_out)
    left = [reason for reason, items in found.left.items() for _ in items]
    return sorted(["chosen"] * len(found.chosen) + left)


def test_nothing_from_the_window_of_an_incident() -> None:
    one = "10.40.0.1", "10.1.0.1"
    assert reasons([seen(*one, 1, 9)], (10, 12)) == ["chosen"]
    assert reasons([seen(*one, 12, 13)], (10, 12)) == ["chosen"]
    assert reasons([seen(*one, 1, 10)], (10, 12)) == ["incident"]
    assert reasons([seen(*one, 1, 20)], (10, 12)) == ["incident"]
    assert reasons([seen(*one, 1, 2)], (10, 12), (2, 3)) == ["incident"]


def test_what_began_in_the_window_stays_out_afterwards_too() -> None:
    one = "10.40.0.1", "10.1.0.1"
    assert reasons([seen(*one, 11, 11), seen(*one, 15, 16)], (10, 12)) == ["incident"]
    assert reasons([seen(*one, 1, 2), seen(*one, 11, 11), seen(*one, 15, 16)], (10, 12)) == [
        "chosen",
        "incident",
    ]


def test_scanners_by_silence_and_by_reach() -> None:
    silent = [seen("10.40.0.1", f"10.1.0.{n}", 1, 2, established=0) for n in range(10)]
    answered = [seen("10.40.0.1", "10.1.1.1", 1, 2)]
    assert reasons(silent + answered) == ["scanner"] * 11
    assert reasons(silent[:9] + answered) == ["attempted"] * 9 + ["chosen"]
    ports = [seen("10.40.0.2", "10.1.0.1", 1, 2, port=n) for n in range(20, 30)]
    assert reasons(ports, fan_out=10) == ["scanner"] * 10
    assert reasons(ports, fan_out=11) == ["chosen"] * 10
    dynamic = [seen("10.40.0.2", "10.1.0.1", 1, 2, port=50_000 + n) for n in range(20)]
    assert reasons(dynamic, fan_out=10) == ["chosen"] * 20


def test_an_end_that_was_in_no_site_at_either_time() -> None:
    assert reasons([seen("10.40.0.1", "192.168.0.1", 1, 2), seen("8.8.8.8", "8.8.4.4", 1, 2)]) == [
        "unmapped",
        "unmapped",
    ]
    assert reasons([]) == []
