"""What is read of the lake, and who held an address."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sekisho.investigate import work
from sekisho.investigate.moments import micros

START = datetime(2024, 3, 4, tzinfo=UTC)


def test_microseconds() -> None:
    assert micros(datetime(1970, 1, 1, 0, 0, 1, 5, tzinfo=UTC)) == 1_000_005


def test_an_address_that_passed_to_another_asset_parts_what_it_did(company: Any, seed_of: Any) -> None:
    company.flow(50, "10.2.0.40", "10.3.0.50", 3389)
    company.flow(150, "10.3.0.50", "10.4.0.60", 22)
    opened = company.open()
    seed = seed_of("10.2.0.40", "10.3.0.50", 3389)
    assert len(opened.look(seed).hops) == 2
    (company.root / "assets.csv").write_text(
        "address,hostname,site,groups,owner,criticality,from,until\n"
        "10.1.0.9,backup,a,,it,high,,\n10.1.0.8,jump,a,,it,high,,\n10.1.0.7,files,a,,it,high,,\n"
        "10.3.0.50,first,c,,it,normal,2024-01-01,2024-03-07\n"
        "10.3.0.50,second,c,,it,normal,2024-03-08,\n"
    )
    found = opened.again(company.root).look(seed)
    assert [hop.dst for hop in found.hops] == ["10.3.0.50"]


def test_what_is_too_busy_is_not_read_and_that_is_said(
    company: Any, seed_of: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    company.flow(50, "10.2.0.40", "10.3.0.50", 3389)
    for n in range(40):
        company.flow(60 + n / 20, "10.3.0.50", "10.4.0.60", 22)
    monkeypatch.setattr(work, "FLOWS", 20)
    found = company.open().look(seed_of("10.2.0.40", "10.3.0.50", 3389))
    assert any("were not read" in note for note in found.notes)
    assert found.hops[-1].at == START + timedelta(hours=60), "its roll-up still says when it began"
