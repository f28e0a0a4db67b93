"""What left, on chains of our own: true volumes, ordinary business left alone, blind times named."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sekisho.investigate.run import Investigation
from sekisho.investigate.seeds import SeedRequest

START = datetime(2024, 3, 4, tzinfo=UTC)
SeedOf = Callable[[str, str, int], SeedRequest]
ENTRY, SECOND, FILES, CONTROL, DROP = "10.2.0.40", "10.3.0.50", "10.1.0.7", "203.0.113.9", "45.77.10.99"
AT = 80.0


@pytest.fixture
def reached(company: Any) -> Any:
    """Control from outside into one asset, and on to a second, on the fourth day."""
    for beat in range(100):
        company.flow(AT - 4 + beat, ENTRY, CONTROL, 443, minutes=1, out=900, back=1500)
    company.flow(AT, ENTRY, SECOND, 3389, minutes=25)
    return company


def ip(payload: int) -> int:
    """IP-layer bytes of a conversation's payload, as the log has them."""
    return payload + 40 * (payload // 1000 + 3)


def moved(found: Investigation) -> list[tuple[str, str, bool]]:
    return [(one.src, one.dst, one.external) for one in found.exfiltration]


def states(found: Investigation) -> dict[str, str]:
    return {one.address: one.state for one in found.leaving}


def test_what_went_to_a_new_party_is_counted_once_and_whole(reached: Any, seed_of: SeedOf) -> None:
    for n in range(3):
        reached.flow(AT + 5 + n, ENTRY, DROP, 443, minutes=20, out=40_000_000, back=300_000)
    found = reached.open().look(seed_of(ENTRY, SECOND, 3389))
    (left,) = found.exfiltration
    assert (left.src, left.dst, left.external, left.technique) == (ENTRY, DROP, True, "T1048")
    assert left.bytes.low <= 3 * ip(40_000_000) <= left.bytes.high <= 1.01 * left.bytes.low
    assert (left.begin, left.end) == (
        START + timedelta(hours=AT + 5),
        START + timedelta(hours=AT + 7, minutes=20),
    )
    assert left.evidence[0].path
    assert {"volume", "new", "peer", "direction"} <= {factor.id for factor in left.why}
    assert states(found) == {ENTRY: "left", SECOND: "no_evidence"}
    assert [item.kind for item in found.timeline if item.at == left.begin] == ["leaving"]


def test_ordinary_business_of_reached_assets_is_not_named(reached: Any, seed_of: SeedOf) -> None:
    for day in range(8):
        # A copy to a provider every night, much alike; mail; the second is backed up within the company.
        reached.flow(
            24 * day + 1, ENTRY, "198.51.100.20", 443, out=30_000_000 + day * 900_000, back=90_000
        )
        reached.flow(24 * day + 10, ENTRY, "198.51.100.30", 25, out=900_000, back=9_000)
        reached.flow(24 * day + 2, "10.1.0.9", SECOND, 22, out=90_000, back=60_000_000)
        reached.flow(24 * day + 3, ENTRY, "10.1.0.7", 445, out=2_000_000, back=9_000_000)
    # An update, a film, a call: new parties, and much of it comes in.
    reached.flow(AT + 3, ENTRY, "198.51.100.41", 443, out=2_000_000, back=700_000_000)
    reached.flow(AT + 4, ENTRY, "198.51.100.42", 443, out=21_000_000, back=32_000_000)
    # A party that the company deals with.
    for host in range(1, 15):
        reached.flow(5 + host, f"10.4.0.{host}", "198.51.100.50", 443, out=40_000)
    reached.flow(AT + 6, SECOND, "198.51.100.50", 443, out=25_000_000, back=40_000)
    found = reached.open().look(seed_of(ENTRY, SECOND, 3389))
    assert moved(found) == []
    assert set(states(found).values()) == {"no_evidence"}


def test_the_excess_over_a_baseline_counts_and_no_more(reached: Any, seed_of: SeedOf) -> None:
    for day in range(8):
        out = 900_000_000 if day == 5 else 2_000_000 + day * 10_000
        reached.flow(24 * day + 1, ENTRY, "198.51.100.20", 443, out=out, back=90_000)
    found = reached.open().look(seed_of(ENTRY, SECOND, 3389))
    (left,) = found.exfiltration
    assert left.bytes.low <= ip(900_000_000) - ip(2_000_000) <= left.bytes.high
    assert left.bytes.high - left.bytes.low < 100_000
    (why,) = [factor.text for factor in left.why if factor.id == "above"]
    assert "usual 2.1 MB a day" in why


def test_a_pull_by_a_party_outside_is_what_left(reached: Any, seed_of: SeedOf) -> None:
    reached.flow(AT + 8, DROP, ENTRY, 8081, minutes=30, out=400_000, back=80_000_000)
    found = reached.open().look(seed_of(ENTRY, SECOND, 3389))
    (left,) = [one for one in found.exfiltration if one.external]
    assert (left.src, left.dst) == (ENTRY, DROP)
    assert left.bytes.low <= ip(80_000_000) <= left.bytes.high
    # The answer of a server that all the world asks is none.
    for n in range(12):
        reached.flow(20 + n, f"45.78.14.{n}", ENTRY, 8081, out=4_000, back=900_000)
    reached.rows = [row for row in reached.rows if row[1] != DROP]
    reached.flow(AT + 8, "45.78.14.77", ENTRY, 8081, minutes=30, out=400_000, back=8_000_000)
    again = type(reached)(reached.root / "again", rows=reached.rows)
    again.root.mkdir()
    assert moved(again.open().look(seed_of(ENTRY, SECOND, 3389))) == []


def test_what_was_gathered_and_sent_on_is_a_chain(reached: Any, seed_of: SeedOf) -> None:
    third = "10.4.0.60"
    reached.flow(AT + 2, ENTRY, third, 445, out=90_000, back=60_000_000)
    reached.flow(AT + 3, SECOND, ENTRY, 445, out=45_000_000, back=80_000)
    reached.flow(AT + 9, ENTRY, DROP, 443, minutes=60, out=100_000_000, back=500_000)
    found = reached.open().look(seed_of(ENTRY, SECOND, 3389))
    assert moved(found) == [(third, ENTRY, False), (SECOND, ENTRY, False), (ENTRY, DROP, True)]
    assert [one.technique for one in found.exfiltration] == ["T1074.002", "T1074.002", "T1048"]
    last = found.exfiltration[-1]
    assert [one.address for one in last.collected] == [third, SECOND]
    # Both sites' sensors saw it: it counts once.
    assert found.exfiltration[0].bytes.low == ip(60_000_000)


def test_a_slow_leak_adds_up(reached: Any, seed_of: SeedOf) -> None:
    reached.ordinary(days=20)
    for day in range(14):
        reached.flow(AT + 6 + 24 * day, SECOND, DROP, 443, minutes=10, out=700_000, back=20_000)
    found = reached.open().look(seed_of(ENTRY, SECOND, 3389))
    (left,) = found.exfiltration
    assert left.bytes.low == 14 * ip(700_000)
    # Whoever gets something every day may be taken for who steers it; then it is the same channel.
    steers = DROP in {hop.dst for hop in found.hops}
    assert left.technique == ("T1041" if steers else "T1030")
    assert "slow" in {factor.id for factor in left.why}


def test_a_party_of_the_incident_gets_it_over_its_own_channel(reached: Any, seed_of: SeedOf) -> None:
    reached.flow(AT + 2, ENTRY, CONTROL, 443, minutes=60, out=30_000_000, back=200_000)
    found = reached.open().look(seed_of(ENTRY, SECOND, 3389))
    (left,) = found.exfiltration
    assert (left.dst, left.technique) == (CONTROL, "T1041")
    assert ip(30_000_000) <= left.bytes.low <= 1.1 * ip(30_000_000)


def test_nobody_looking_is_another_answer(reached: Any, seed_of: SeedOf) -> None:
    reached.dark = {"c": (AT + 10, 24 * 8.0)}
    found = reached.open().look(seed_of(ENTRY, SECOND, 3389))
    told = {one.address: one for one in found.leaving}
    assert (told[ENTRY].state, told[SECOND].state) == ("no_evidence", "no_coverage")
    assert told[SECOND].unwatched > 90
    assert "could not be seen" in told[SECOND].why
    assert any(item.sensor == "c-edge" for item in found.unobservable)


def test_a_site_without_a_sensor_for_the_internet_is_named(reached: Any, seed_of: SeedOf) -> None:
    opened = reached.open()
    sites = reached.root / "sites.yaml"
    text = sites.read_text().replace(
        "c-edge: {site: c, kind: zeek, sees: [edge, internet]}",
        "c-edge: {site: c, kind: zeek, sees: [edge]}",
    )
    sites.write_text(text)
    found = opened.again(reached.root).look(seed_of(ENTRY, SECOND, 3389))
    assert states(found)[SECOND] == "no_coverage"
    assert [(item.sensor, "c exchanges" in item.why) for item in found.unobservable] == [
        ("(none)", True)
    ]


def test_pruned_days_still_say_how_much(reached: Any, seed_of: SeedOf) -> None:
    reached.flow(AT + 5, ENTRY, DROP, 443, minutes=20, out=40_000_000, back=300_000)
    opened = reached.open()
    opened.lake.prune(START + timedelta(days=7))
    (left,) = opened.look(seed_of(ENTRY, SECOND, 3389)).exfiltration
    assert left.bytes.low == ip(40_000_000)
    assert (left.evidence[0].row, left.evidence[0].day) == (None, START + timedelta(days=3))


def test_what_an_asset_keeps_and_who_stands_there_is_said(reached: Any, seed_of: SeedOf) -> None:
    reached.flow(AT + 5, ENTRY, "162.125.1.2", 443, minutes=20, out=40_000_000, back=300_000)
    opened = reached.open()
    with (reached.root / "assets.csv").open("a") as stream:
        stream.write(f"{ENTRY},design,b,,it,high,aircraft,drawings; personal data,1200\n")
    head, rest = (reached.root / "assets.csv").read_text().split("\n", 1)
    (reached.root / "assets.csv").write_text(f"{head},division,data,people\n{rest}")
    found = opened.again(reached.root).look(seed_of(ENTRY, SECOND, 3389))
    (left,) = found.exfiltration
    assert (left.party, left.technique) == ("Dropbox", "T1567.002")
    assert left.holds is not None
    assert (left.holds.division, left.holds.data, left.holds.people) == (
        "aircraft",
        ("drawings", "personal data"),
        1200,
    )
    assert found.scope.assets[0].holds == left.holds
    assert any("keeps drawings; personal data" in item.text for item in found.timeline)


def test_a_host_that_took_no_step_is_asked_about_too(company: Any) -> None:
    company.flow(AT, SECOND, DROP, 443, minutes=20, out=400_000_000, back=300_000)
    found = company.open().look(SeedRequest("host", SECOND))
    assert moved(found) == [(SECOND, DROP, True)]
    assert states(found)[SECOND] == "left"
