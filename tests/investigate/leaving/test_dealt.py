"""What of a relay's volumes was a client's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sekisho.investigate.leaving.dealt import by_day, dealt
from sekisho.investigate.leaving.moves import Moved
from sekisho.investigate.relays.base import Leg, Stitch
from sekisho.investigate.talks import Talk
from sekisho.model.sites import Relay

DAY = 86_400_000_000
PROXY, ENTRY, TARGET, DROP = "10.1.0.5", "10.2.0.40", "10.3.0.50", "45.77.10.99"


def talk(day: float, sent: int) -> Talk:
    return Talk(int(day * DAY), int(day * DAY) + 60, sent, 10, "edge")


def test_a_clients_own_sessions_alone_count_with_what_is_uncertain() -> None:
    whole = (Moved(5, 800, 80, 90, 0, 1, 4, 1, 2), Moved(6, 200, 20, 10, 0, 1, 1, 1, 4))
    days = by_day([talk(5.5, 100), talk(5.75, 50), talk(6.0, 30)], whole, pulled=False)
    assert [(day.day, day.low, day.spread, day.back, day.flows) for day in days] == [
        (5, 150, 15, 20, 2),
        (6, 30, 3, 10, 1),
    ]
    assert days[0].hours == 1 << 12 | 1 << 18
    assert {day.flags for day in days} == {6}
    assert [day.low for day in by_day([talk(5, 100)], whole, pulled=True)] == [10]
    assert by_day([], whole, pulled=False) == ()


def test_who_is_not_told_is_not_charged() -> None:
    relay = Relay("web", "proxy", ())
    leg = Leg(3, 7, talk(5, 1), 2.0, "why")
    sure = Stitch(relay, 9, 4, 0.95, "", (leg,))
    talks = {10: (talk(5, 1),), 11: (talk(6, 1),), 12: (talk(7, 1),), 4: (talk(8, 1),)}
    unsure = Stitch(relay, 9, 4, 0.5, "", (leg,))
    found = dealt({10: sure, 11: unsure, 12: Stitch(relay, 9, 4, 0.0, "")}, talks)
    assert found == {10: talks[10], 11: (), 12: (), 4: talks[4]}


def test_what_went_through_a_proxy_is_its_clients(
    company: Any, seed_of: Callable[[str, str, int], Any]
) -> None:
    company.relays = (f"web: {{kind: proxy, addresses: {PROXY}}}",)
    for beat in range(60):
        at = 50 + beat / 2
        for n in range(3):
            company.flow(at + n / 50, f"10.2.0.{100 + n}", PROXY, 8080, out=30_000, back=700_000)
            company.flow(at + n / 50 + 1e-4, PROXY, "198.51.100.7", 443, out=29_000, back=690_000)
    company.flow(62.0, ENTRY, TARGET, 3389)
    company.flow(70.0, ENTRY, PROXY, 8080, minutes=30, out=60_200_000, back=90_000)
    company.flow(70.0001, PROXY, DROP, 443, minutes=30, out=60_000_000, back=88_000)
    found = company.open().look(seed_of(ENTRY, TARGET, 3389))
    (left,) = [one for one in found.exfiltration if one.external]
    assert (left.src, left.dst) == (ENTRY, DROP)
    assert 60_000_000 <= left.bytes.low <= 1.1 * 60_000_000
    assert any("through the relay web" in (one.text or "") for one in left.evidence)
    assert "no host beside those in scope talks to it" in {factor.text for factor in left.why}
