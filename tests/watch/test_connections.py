from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from sekisho.model.addresses import key, parse_address
from sekisho.model.findings import finding_id
from sekisho.model.verdicts import Rank
from sekisho.watch.connections import PIECES, Connection, finding_of, fresh

KEY = ("", *key(parse_address("10.40.9.9")), "", *key(parse_address("10.1.0.5")), 6, 445)
AT = datetime(2024, 3, 4, 10, tzinfo=UTC)


def row(day: int = 0, **changes: Any) -> dict[str, Any]:
    at = AT + timedelta(days=day)
    values: dict[str, Any] = {
        "piece": day * 86_400_000_000,
        "day": day,
        "sensor": "edge",
        "flows": 1,
        "established": 0,
        "oneway_flows": 1,
        "oneway_out": 60,
        "oneway_in": 0,
        "first": at,
        "last": at,
        "first_established": None,
        "bytes_out": 60,
        "bytes_in": 0,
        "provisional": False,
        "orientation": 100,
        "decided": int(Rank.UNAUTHORIZED),
    }
    return values | changes


def after(*rows: dict[str, Any]) -> Connection:
    found = fresh(KEY, rows[0])
    for one in rows:
        found.absorb(one)
    return found


def test_its_finding_is_the_audit_s() -> None:
    assert finding_of(KEY) == finding_id("10.40.9.9", "10.1.0.5", "tcp", 445)


def test_views_of_several_sensors_are_not_added_up() -> None:
    found = after(row(flows=3), row(sensor="other", flows=4, established=1), row(flows=2))
    assert found.total()[:2] == (5, 1)
    assert found.sensors == ("edge", "other")


def test_a_decision_about_established_flows_makes_an_attempt_of_others() -> None:
    assert after(row()).rank == Rank.ATTEMPTED
    assert after(row(decided=int(Rank.UNMAPPED))).rank == Rank.UNMAPPED
    found = after(row(), row(established=1, oneway_flows=0, first_established=AT))
    assert found.rank == Rank.UNAUTHORIZED
    assert found.judged_at == AT


def test_halves_meet_by_their_client_ports() -> None:
    found = after(row(flows=2, oneway_flows=2))
    found.add_ports([50_000, 50_001], [], [50_000, 50_001])
    assert found.rank == Rank.ATTEMPTED
    found.absorb(row())
    found.add_ports([], [50_001], [50_001])
    assert found.rank == Rank.UNAUTHORIZED
    assert found.total()[:2] == (2, 1)
    assert (found.sent, found.answered) == ([50_000], [])


def test_old_days_are_only_counted_and_their_verdict_stays() -> None:
    rows = [row(0, established=1), *(row(day) for day in range(1, PIECES + 3))]
    found = after(*rows)
    assert len(found.pieces) == PIECES
    assert found.rank == Rank.UNAUTHORIZED
    assert found.total()[:2] == (PIECES + 3, 1)


def test_a_surer_record_ends_that_it_is_provisional() -> None:
    found = after(row(provisional=True, orientation=60))
    assert found.provisional
    found.absorb(row(orientation=95))
    assert (found.provisional, found.orientation) == (False, 95)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 6), st.integers(0, 2), st.integers(0, 5000), st.sampled_from("ab")),
        min_size=1,
        max_size=12,
    )
)
def test_what_is_kept_reads_back_as_what_was_known(rows: list[tuple[int, int, int, str]]) -> None:
    found = after(*(row(d, established=e, oneway_out=size, sensor=name) for d, e, size, name in rows))
    found.add_ports([1, 2], [3], [1, 2, 3])
    again = Connection.from_json(found.to_json())
    assert again == found
    assert (again.rank, again.total()) == (found.rank, found.total())
