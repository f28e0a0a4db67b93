from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from sekisho.audit.base import Neighbour
from sekisho.audit.causes.migration import MigrationCause, candidates
from sekisho.model.findings import Finding

Make = Callable[..., Finding]
START = datetime(2024, 3, 1, tzinfo=UTC)


def before(src: str, dst: str, port: int = 445, *, until: float = 0) -> Neighbour:
    """A connection from 50 days before START until `until` days after it."""
    first, last = START - timedelta(days=50), START + timedelta(days=until)
    return Neighbour(("", src), ("", dst), "tcp", port, first, last)


def test_clients_that_go_to_a_new_server_moved(make_finding: Make) -> None:
    rows = [make_finding(src=f"10.1.0.{n}", dst="10.2.0.2") for n in range(4)]
    old = [before(f"10.1.0.{n}", "10.2.0.1", until=2) for n in range(4)]
    (claim,) = MigrationCause().claim(rows, old).claims
    assert claim.members == {f.id for f in rows}
    assert claim.text == (
        "clients of 10.2.0.1 moved to 10.2.0.2 about 2024-03-01: "
        "4 connections with the same peers and services"
    )


def test_a_host_that_has_a_new_address_moved(make_finding: Make) -> None:
    rows = [make_finding(src="10.1.0.2", dst=f"10.2.0.{n}", port=440 + n) for n in range(3)]
    old = [before("10.1.0.1", f"10.2.0.{n}", 440 + n) for n in range(3)]
    (claim,) = MigrationCause().claim(rows, old).claims
    assert "connections from 10.1.0.1 moved to 10.1.0.2" in claim.text


def test_who_goes_on_with_the_old_did_not_move(make_finding: Make) -> None:
    rows = [make_finding(src=f"10.1.0.{n}", dst="10.2.0.2") for n in range(4)]
    old = [before(f"10.1.0.{n}", "10.2.0.1", until=20 if n == 3 else 1) for n in range(4)]
    assert MigrationCause().claim(rows, old).claims == ()


def test_too_few_shared_lines_are_chance(make_finding: Make) -> None:
    rows = [make_finding(src=f"10.1.0.{n}", dst="10.2.0.2") for n in range(6)]
    old = [before(f"10.1.0.{n}", "10.2.0.1") for n in range(4)]
    assert MigrationCause().claim(rows, old).claims == ()
    assert MigrationCause().claim(rows[:2], old).claims == ()


def test_only_what_could_have_moved_is_looked_up(make_finding: Make) -> None:
    rows = [make_finding(src=f"10.1.0.{n}", dst="10.2.0.2") for n in range(3)]
    tried = make_finding(src="10.1.0.9", dst="10.2.0.2", verdict="attempted", established=0)
    alone = make_finding(src="10.1.0.8", dst="10.2.0.8")
    assert {f.id for f in candidates([*rows, tried, alone])} == {f.id for f in rows}
