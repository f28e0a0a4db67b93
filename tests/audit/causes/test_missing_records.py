from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta

from sekisho.audit.causes.missing_records import MissingRecordsCause
from sekisho.audit.collapse import collapse
from sekisho.model.findings import Finding, Lacking

Make = Callable[..., Finding]
MONDAY = date(2024, 3, 4)


def lacks(
    make: Make, dst: str = "10.2.7.1", days: Sequence[int] = range(7), **changes: object
) -> Finding:
    lacking = Lacking(
        site=str(changes.pop("site", "th")),
        sensors=("th-edge",),
        recorded_at=str(changes.pop("other", "jp")),
        flows=2,
        days=tuple(MONDAY + timedelta(days=day) for day in days),
        whole=bool(changes.pop("whole", True)),
    )
    values = {"kind": "one_sided", "verdict": "authorized"} | changes
    return make(dst=dst, lacking=lacking, **values)


def test_a_week_around_one_sensor_is_one_cause(make_finding: Make) -> None:
    rows = [lacks(make_finding, f"10.2.7.{n}", days=[n % 7], src=f"10.1.{n}.1") for n in range(40)]
    named, causes = collapse(rows)
    (cause,) = causes
    assert (cause.kind, cause.findings) == ("missing_records", 40)
    assert cause.text == (
        "th-edge at th has nothing of 40 connections (80 flows) with jp, all of 10.2.7.0/24,"
        " 2024-03-04 to 2024-03-10: a path around it, a filter, a lost batch, or records taken out"
    )
    assert {f.cause for f in named} == {cause.id}
    assert [f.id for f in named] == [f.id for f in rows]


def test_other_ends_other_times_and_partial_records_are_other_causes(make_finding: Make) -> None:
    rows = []
    for number, changes in enumerate(
        ({}, {"site": "de"}, {"other": "us"}, {"days": [20]}, {"whole": False})
    ):
        rows += [
            lacks(make_finding, f"10.{number}.7.{n}", src=f"10.9.{number}.{n}", **changes)
            for n in range(3)
        ]
    claims = MissingRecordsCause().claim(rows, ()).claims
    assert [len(claim.members) for claim in claims] == [3] * 5
    assert len({claim.key for claim in claims}) == 5


def test_days_are_joined_over_a_weekend_and_by_a_connection_that_lacks_both(
    make_finding: Make,
) -> None:
    apart = [lacks(make_finding, f"10.2.7.{n}", days=[day]) for n, day in enumerate((4, 7, 30, 33, 36))]
    assert [len(c.members) for c in MissingRecordsCause().claim(apart, ()).claims] == [3]
    bridge = lacks(make_finding, "10.2.7.99", days=[7, 30])
    (claim,) = MissingRecordsCause().claim([*apart, bridge], ()).claims
    assert len(claim.members) == 6


def test_what_shares_nothing_or_is_worse_stays_by_itself(make_finding: Make) -> None:
    crowd = [lacks(make_finding, f"10.2.7.{n}") for n in range(5)]
    elsewhere = lacks(make_finding, "10.2.90.1", src="10.1.90.1")
    beacon = lacks(make_finding, "10.2.7.66", severity="high")
    broken_in = lacks(make_finding, "10.2.7.67", kind="verdict", verdict="unauthorized")
    named, (cause,) = collapse([*crowd, elsewhere, beacon, broken_in])
    assert cause.findings == 5
    assert {f.id for f in named if f.cause is None} == {elsewhere.id, beacon.id, broken_in.id}


def test_two_are_too_few_and_one_host_is_named(make_finding: Make) -> None:
    rows = [lacks(make_finding, "10.2.7.1", port=n) for n in (1, 2, 3)]
    assert MissingRecordsCause().claim(rows[:2], ()).claims == ()
    (claim,) = MissingRecordsCause().claim(rows, ()).claims
    assert "all of 10.1.0.1," in claim.text
