"""What a stage is judged by: records of a Monday, the gateway was told at nine, ten minutes are looked at."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.store.conftest import _flow as flow
from tests.store.conftest import _take as take

from sekisho.app.register import read_register
from sekisho.app.workspace import Workspace
from sekisho.contain.backends.registry import BACKENDS
from sekisho.contain.escaped import GRACE
from sekisho.contain.force import Enforced, Force
from sekisho.contain.points import parse_points
from sekisho.contain.proposal import Ground
from sekisho.contain.soaking import STRETCHES, Soak, Soaked, latest, soaked
from sekisho.model.flows import State
from sekisho.model.restrictions import Restriction
from sekisho.store.lake import Lake

GATEWAYS = b"""
gateways:
  th-gw: {platform: nftables, address: 10.40.0.1, links: ["th-plant <-> *"]}
"""
CUT = datetime(2024, 3, 4, 9, tzinfo=UTC)
NINE = 9 * 3600
SPAN = 600
ORDERS = ("10.40.2.10", "10.1.20.5", 8443)
FILES = ("10.40.9.9", "10.1.10.96", 445)
END = NINE + GRACE.seconds + SPAN
Row = dict[str, Any]


@pytest.fixture(scope="module")
def force(read_company: Workspace) -> Force:
    inventory, policy = read_register(read_company)
    points = parse_points(GATEWAYS, inventory, policy.services)
    ground = Ground(inventory, policy, points, {}, BACKENDS, CUT + timedelta(days=1))
    restriction = Restriction(("link:th-plant <-> jp-hq",), allow=("TH-HQ-EDI",))
    return Force([Enforced("P-1", restriction, {"th-gw": CUT})], ground)


@pytest.fixture
def lake(tmp_path: Path) -> Iterator[Lake]:
    with Lake.open(tmp_path / "lake", create=True, threads=1, memory_limit="300MB") as lake:
        yield lake


def before(*ends: Any, skip: int = -1, **fields: Any) -> list[Row]:
    """A record in each stretch before."""
    return [
        flow(*ends, at=NINE - (n + 1) * SPAN + 100, sport=40_000 + n, **fields)
        for n in range(STRETCHES)
        if n != skip
    ]


def alive(at: float = END + 5) -> Row:
    """Something within the sensor's sight that has nothing to do with it."""
    return flow("10.40.9.9", "10.60.0.1", 443, at=at)


def look(lake: Lake, force: Force, *rows: Row, sensor: str = "th-edge") -> Soaked:
    assert take(lake, sensor, list(rows), f"{sensor}.log")
    lake.refresh({})
    return soaked(lake, force, Soak(frozenset({"th-gw"}), CUT, CUT, timedelta(seconds=SPAN)))


def test_what_goes_on_is_seen_to(lake: Lake, force: Force) -> None:
    found = look(lake, force, *before(*ORDERS), flow(*ORDERS, at=NINE + 300), alive())
    assert (found.steady, found.broken, found.unjudged, found.escaped) == (1, (), 0, ())
    assert found.blind == ()
    assert (found.begin, found.end) == (CUT + GRACE, CUT + GRACE + timedelta(seconds=SPAN))


def test_what_stopped_is_missed_only_by_who_was_looking(lake: Lake, force: Force) -> None:
    found = look(lake, force, *before(*ORDERS))
    assert (found.steady, found.broken) == (1, ())
    assert "th-edge recorded nothing up to the end: 1 may go on" in " ".join(found.blind)
    take(lake, "th-edge", [alive()], "later.log")
    lake.refresh({})
    again = soaked(lake, force, Soak(frozenset({"th-gw"}), CUT, CUT, timedelta(seconds=SPAN)))
    assert (again.steady, len(again.broken), again.blind) == (1, 1, ())
    assert again.broken[0][6:] == (6, 8443)


def test_what_was_tried_and_not_answered_has_stopped(lake: Lake, force: Force) -> None:
    tried = flow(*ORDERS, at=NINE + 300, state=State.NO_REPLY, bytes_in=0, packets_in=0)
    assert len(look(lake, force, *before(*ORDERS), tried, alive()).broken) == 1


def test_what_is_seen_seldom_is_not_missed(lake: Lake, force: Force) -> None:
    found = look(lake, force, *before(*ORDERS, skip=3), alive())
    assert (found.steady, found.broken, found.unjudged) == (0, (), 1)
    assert "none is seen every 10 minutes" in found.blind[0]


def test_a_session_that_is_told_at_its_end_is_not_missed(lake: Lake, force: Force) -> None:
    found = look(lake, force, *before(*ORDERS, lasts=3 * SPAN), alive())
    assert (found.steady, found.broken, found.unjudged) == (0, (), 1)


def test_nothing_to_break_is_no_reason_to_halt(lake: Lake, force: Force) -> None:
    found = look(lake, force, *before(*FILES), alive())
    assert (found.steady, found.unjudged, found.blind) == (0, 0, ())


def test_what_crossed_is_counted(lake: Lake, force: Force) -> None:
    found = look(lake, force, *before(*FILES), flow(*FILES, at=NINE + 200), alive())
    assert [one.came for one in found.escaped] == ["escaped"]


def test_a_pair_that_nobody_recorded_is_not_known(lake: Lake, force: Force) -> None:
    found = look(lake, force, alive(NINE + 30))
    assert found.blind == ("jp-hq <-> th-plant: jp-edge, th-edge recorded nothing up to the end",)


def test_each_sensors_latest_word(lake: Lake, force: Force) -> None:
    look(lake, force, *before(*ORDERS), alive())
    heard = latest(lake)
    assert set(heard) == {"th-edge"}
    assert heard["th-edge"] >= CUT + GRACE + timedelta(seconds=SPAN)
