"""What crossed after it was cut, on logs of two sensors of six days from 1 June 2020."""

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
from sekisho.contain.escaped import GRACE, MOST_GRACE, Crossing, check_of, crossings, grace_of
from sekisho.contain.force import Enforced, Force, Opening
from sekisho.contain.points import parse_points
from sekisho.contain.probing.known import Known
from sekisho.contain.proposal import Ground
from sekisho.model.addresses import text_of
from sekisho.model.flows import Flag, State
from sekisho.model.probes import Asking, Probe, Trial
from sekisho.model.restrictions import Restriction
from sekisho.store.lake import Lake

GATEWAYS = b"""
gateways:
  th-gw: {platform: nftables, address: 10.40.0.1, links: ["th-plant <-> *"]}
"""
MONDAY = datetime(2024, 3, 4, tzinfo=UTC)
CUT = MONDAY + timedelta(hours=9)
AFTER, BEFORE = 10 * 3600, 8 * 3600
APP, FILES = "10.40.9.9", "10.1.10.96"


@pytest.fixture(scope="module")
def ground(read_company: Workspace) -> Ground:
    inventory, policy = read_register(read_company)
    points = parse_points(GATEWAYS, inventory, policy.services)
    return Ground(inventory, policy, points, {}, BACKENDS, MONDAY + timedelta(days=1))


@pytest.fixture
def lake(tmp_path: Path) -> Iterator[Lake]:
    with Lake.open(tmp_path / "lake", create=True, threads=1, memory_limit="300MB") as lake:
        yield lake


def put(lake: Lake, sensor: str, *rows: dict[str, Any]) -> None:
    assert take(lake, sensor, list(rows), f"{sensor}.log")


def seen(lake: Lake, ground: Ground, **fields: Any) -> dict[int, Crossing]:
    """By destination port, what came of connections of a plan that severs th-plant."""
    restriction = Restriction(("link:th-plant <-> jp-hq",), **fields)
    force = Force([Enforced("P-1", restriction, {"th-gw": CUT})], ground)
    lake.refresh({})
    return {one.key[7]: one for one in crossings(lake, force)}


def test_only_what_began_since_and_was_answered(lake: Lake, ground: Ground) -> None:
    put(
        lake,
        "th-edge",
        flow(APP, FILES, 22, at=BEFORE),
        flow(APP, FILES, 80, at=9 * 3600 + 30),
        flow(APP, FILES, 445, at=AFTER),
        flow(APP, FILES, 445, at=AFTER + 60, sport=50_001),
        flow(APP, FILES, 3389, at=AFTER, state=State.NO_REPLY, bytes_in=0, packets_in=0),
        flow(APP, "10.60.0.1", 443, at=AFTER),
    )
    found = seen(lake, ground)
    assert {port: one.came for port, one in found.items()} == {445: "escaped", 3389: "dropped"}
    smb = found[445]
    assert (smb.plan, smb.gateways, smb.since) == ("P-1", ("th-gw",), CUT)
    assert (smb.flows, smb.established, smb.sensors) == (2, 2, ("th-edge",))
    assert text_of(*smb.key[1:3]) == APP
    assert check_of(smb).text == (
        "P-1 cuts it at th-gw since 2024-03-04T09:00:00Z, and it was established 2 times after that,"
        " first at 2024-03-04T10:00:00Z"
    )
    asking = Asking(7, "th-pc", APP, "th-plant", ((Trial("tls", FILES, 445), "jp-hq"),))
    probe = Probe(3, 2, "P-1", smb.first, smb.last, "ken", (asking,))
    assert check_of(smb, Known([probe])).text.endswith("; asked for by our probe 2 of P-1 (th-pc)")
    assert check_of(found[3389], Known([probe])) == check_of(found[3389])


def test_what_no_gateway_carries_has_not_escaped_one(lake: Lake, ground: Ground) -> None:
    put(lake, "th-edge", flow(APP, FILES, 445, at=AFTER))
    restriction = Restriction(("link:th-plant <-> jp-hq",))
    force = Force([Enforced("P-1", restriction, {"other-gw": CUT})], ground)
    lake.refresh({})
    assert crossings(lake, force) == []


def test_what_is_kept_open_has_not_escaped(lake: Lake, ground: Ground) -> None:
    put(lake, "th-edge", flow("10.40.2.10", "10.1.20.5", 8443, at=AFTER))
    assert [one.came for one in seen(lake, ground).values()] == ["escaped"]
    assert seen(lake, ground, allow=("TH-HQ-EDI",)) == {}


def test_volume_one_way_counts_where_it_arrived(lake: Lake, ground: Ground) -> None:
    def sent(port: int) -> dict[str, Any]:
        silent = {"state": State.NO_REPLY, "bytes_in": 0, "packets_in": 0}
        return flow(APP, FILES, port, at=AFTER, protocol=17, bytes_out=90_000, **silent)

    put(lake, "th-edge", sent(514), sent(515))
    put(lake, "jp-edge", sent(515))
    assert {port: one.came for port, one in seen(lake, ground).items()} == {
        514: "one_way",
        515: "escaped",
    }


def test_a_session_that_was_open_may_drain(lake: Lake, ground: Ground) -> None:
    put(
        lake,
        "th-edge",
        flow(APP, FILES, 445, at=9 * 3600 - 60, sport=50_000),
        flow(APP, FILES, 445, at=AFTER, sport=50_000),
        flow(APP, FILES, 22, at=9 * 3600 - 60, sport=50_000),
        flow(APP, FILES, 22, at=AFTER, sport=50_001),
    )
    drained = seen(lake, ground, existing="drain")
    assert {port: one.came for port, one in drained.items()} == {445: "draining", 22: "escaped"}
    assert drained[22].established == 1
    assert {one.came for one in seen(lake, ground).values()} == {"escaped"}, "dropped, it had to end"


def test_parts_of_sessions_that_are_logged_one_way(lake: Lake, ground: Ground) -> None:
    def halves(port: int, at: float, sport: int) -> list[dict[str, Any]]:
        state = {"state": State.UNKNOWN, "sport": sport, "at": at, "orientation": 85}
        back = int(Flag.ONE_WAY | Flag.REVERSED)
        return [
            flow(APP, FILES, port, flags=int(Flag.ONE_WAY), bytes_in=0, packets_in=0, **state),
            flow(APP, FILES, port, flags=back, bytes_out=0, packets_out=0, **state),
        ]

    put(
        lake,
        "th-edge",
        *halves(445, 9 * 3600 - 60, 50_000),
        *halves(445, AFTER, 50_000),
        *halves(22, 9 * 3600 - 60, 50_000),
        *halves(22, AFTER, 50_001),
    )
    found = seen(lake, ground, existing="drain")
    assert {port: one.came for port, one in found.items()} == {445: "draining", 22: "escaped"}


def test_a_day_whose_flows_are_gone_tells_no_hours(lake: Lake, ground: Ground) -> None:
    put(
        lake,
        "th-edge",
        flow(APP, FILES, 22, at=BEFORE),
        flow(APP, FILES, 445, at=AFTER),
        flow(APP, FILES, 3389, at=AFTER + 86_400),
    )
    assert set(seen(lake, ground)) == {445, 3389}
    lake.prune(MONDAY + timedelta(days=1))
    assert set(seen(lake, ground)) == {3389}


def test_what_was_exempt_meanwhile_was_let_through(lake: Lake, ground: Ground) -> None:
    put(
        lake,
        "th-edge",
        flow(APP, FILES, 445, at=AFTER),
        flow(APP, FILES, 22, at=AFTER),
        flow(APP, FILES, 22, at=AFTER + 7200, sport=50_001),
    )
    restriction = Restriction(("link:th-plant <-> jp-hq",))
    window = MONDAY + timedelta(seconds=AFTER - 60), MONDAY + timedelta(seconds=AFTER + 60)
    opening = Opening("X-1", f"{APP} -> jp-hq/* : tcp/22, tcp/445", *window)
    gone = Opening("X-2", "mars/* -> jp-hq/* : any", *window)
    force = Force([Enforced("P-1", restriction, {"th-gw": CUT})], ground, (opening, gone))
    assert list(force.unknown) == ["X-2"]
    lake.refresh({})
    found = {one.key[7]: one for one in crossings(lake, force)}
    assert {port: one.came for port, one in found.items()} == {445: "exempt", 22: "escaped"}
    assert found[22].first == MONDAY + timedelta(seconds=AFTER + 7200)


def test_clocks_that_differ_are_waited_for() -> None:
    assert grace_of({}) == GRACE
    assert grace_of({"a": -90.5, "b": 3.0}) == timedelta(seconds=90.5)
    assert grace_of({"a": 90_000.0}) == MOST_GRACE


def test_it_is_bounded_by_the_window(lake: Lake, ground: Ground) -> None:
    put(lake, "th-edge", flow(APP, FILES, 445, at=AFTER), flow(APP, FILES, 22, at=AFTER + 7200))
    force = Force([Enforced("P-1", Restriction(("site:th-plant",)), {"th-gw": CUT})], ground)
    lake.refresh({})
    until = MONDAY + timedelta(hours=11)
    assert [one.key[7] for one in crossings(lake, force, end=until)] == [445]
    assert [one.key[7] for one in crossings(lake, force, begin=until)] == [22]
    assert crossings(lake, force, end=CUT) == []
