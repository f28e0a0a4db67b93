"""The incident as documents."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from sekisho.investigate.seeds import SeedRequest

START = datetime(2024, 3, 4, tzinfo=UTC)
SeedOf = Callable[[str, str, int], SeedRequest]


def test_scope_timeline_and_onset_hang_together(company: Any, seed_of: SeedOf) -> None:
    company.flow(50, "10.2.0.40", "10.3.0.50", 3389)
    company.flow(50.5, "10.2.0.40", "10.3.0.50", 445)
    company.flow(70, "10.3.0.50", "10.4.0.60", 22)
    found = company.open().look(seed_of("10.3.0.50", "10.4.0.60", 22))
    assert [(asset.address, asset.site, asset.since) for asset in found.scope.assets] == [
        ("10.2.0.40", "b", START + timedelta(hours=50)),
        ("10.3.0.50", "c", START + timedelta(hours=50)),
        ("10.4.0.60", "d", START + timedelta(hours=70)),
    ]
    assert [item.at for item in found.timeline] == [hop.at for hop in found.hops]
    assert "10.2.0.40 took control of 10.3.0.50 by rdp" in found.timeline[0].text
    assert [(other.port, other.technique) for other in found.hops[0].also] == [(445, "T1021.002")]
    assert found.onset is not None
    assert (found.onset.at, found.onset.kind) == (START + timedelta(hours=50), "observed")
    assert found.entry is not None
    assert [candidate.rank for candidate in found.entry.candidates] == [1, 2]
    assert "dated before" not in (found.onset.why or ""), "nothing in scope is earlier"
    assert found.seeds[0].onset is not None


def test_an_onset_at_the_begin_of_evidence_is_on_or_before(company: Any, seed_of: SeedOf) -> None:
    company.flow(3, "10.2.0.40", "10.3.0.50", 3389)
    found = company.open().look(seed_of("10.2.0.40", "10.3.0.50", 3389))
    assert found.onset is not None
    assert found.onset.kind == "on_or_before"
    assert {asset.since_kind for asset in found.scope.assets} == {"on_or_before"}


def test_one_host_with_two_addresses_carries_control_from_one_to_the_other(
    company: Any, seed_of: SeedOf
) -> None:
    company.flow(50, "10.2.0.40", "10.3.0.50", 3389)
    company.flow(70, "10.4.0.50", "10.1.0.60", 22)
    opened = company.open()
    assert len(opened.look(seed_of("10.2.0.40", "10.3.0.50", 3389)).hops) == 1
    assets = company.root / "assets.csv"
    assets.write_text(assets.read_text() + "10.3.0.50,gw,c,,it,high\n10.4.0.50,gw,d,,it,high\n")
    found = opened.again(company.root).look(seed_of("10.2.0.40", "10.3.0.50", 3389))
    assert [(hop.src, hop.dst) for hop in found.hops] == [
        ("10.2.0.40", "10.3.0.50"),
        ("10.4.0.50", "10.1.0.60"),
    ]
    assert found.hops[1].src_site == "d"


def test_it_began_when_the_entry_acted_not_when_somebody_inside_came_to_it_by_chance(
    company: Any, seed_of: SeedOf
) -> None:
    company.flow(45, "10.4.0.90", "10.2.0.40", 8080)
    for beat in range(60):
        company.flow(50 + beat / 2, "10.2.0.40", "203.0.113.5", 443, minutes=1, out=900, back=500)
    for hour, src, dst in ((51, "10.2.0.40", "10.3.0.50"), (60, "10.3.0.50", "10.4.0.60")):
        company.flow(hour, src, dst, 3389)
    found = company.open().look(seed_of("10.3.0.50", "10.4.0.60", 3389))
    assert found.entry is not None
    assert found.onset is not None
    innocent = [hop for hop in found.hops if hop.src == "10.4.0.90"]
    assert (len(innocent), found.entry.address) == (1, "10.2.0.40")
    assert found.onset.at == START + timedelta(hours=50)
    early = [asset.address for asset in found.scope.assets if asset.since < found.onset.at]
    assert sorted(early) == ["10.2.0.40", "10.4.0.90"]
    why = (found.onset.why or "").partition("; it is that of the likeliest entry, 10.2.0.40 at ")[2]
    assert "2 assets in scope (1 confirmed) are dated before" in why
    assert ", 10.2.0.40 since 2024-03-05 21:00 UTC, by steps that it did not take" in why


def test_how_it_came_to_a_site_that_no_sensor_watches_nobody_can_date(
    company: Any, seed_of: SeedOf
) -> None:
    company.flow(50, "10.2.0.40", "10.3.0.50", 3389)
    opened = company.open()
    sites = company.root / "sites.yaml"
    lines = sites.read_text().splitlines(keepends=True)
    sites.write_text("".join(line for line in lines if not line.startswith("  b-edge:")))
    found = opened.again(company.root).look(seed_of("10.2.0.40", "10.3.0.50", 3389))
    assert found.onset is not None
    assert (found.onset.at, found.onset.kind) == (START + timedelta(hours=50), "on_or_before")
