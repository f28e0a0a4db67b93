"""Hops as documents; whole investigations are in test_run."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sekisho.audit.coverage import Coverage, Hours
from sekisho.investigate.moments import moment
from sekisho.investigate.telling import blind, by_key

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def at(hours: float) -> datetime:
    return EPOCH + timedelta(hours=hours)


def test_blind_times_are_those_in_which_no_sensor_looked() -> None:
    coverage = Coverage(
        {
            "one": (Hours(0, 10, "seen", 1, ""), Hours(10, 40, "no_data", 0, "")),
            "two": (Hours(8, 12, "quiet", 0, ""), Hours(30, 40, "seen", 1, "")),
        },
        0,
        40,
    )
    both = frozenset({"one", "two"})
    assert list(blind(coverage, both, at(2), at(36))) == [(at(12), at(30))]
    assert list(blind(coverage, frozenset({"two"}), at(0), at(50))) == [
        (at(0), at(8)),
        (at(12), at(30)),
        (at(40), at(50)),
    ]
    assert list(blind(coverage, both, at(11.5), at(12.5))) == []
    assert list(blind(coverage, frozenset(), at(0), at(2))) == [(at(0), at(2))]


def test_times_and_keys() -> None:
    assert moment(1_500_000) == EPOCH + timedelta(seconds=1.5)
    row: dict[str, Any] = {
        "src_realm": "", "src_hi": 0, "src_lo": 1, "dst_realm": "", "dst_hi": 0, "dst_lo": 2,
        "protocol": 6, "port": 22, "flows": 3,
    }  # fmt: skip
    assert by_key([row]) == {("", 0, 1, "", 0, 2, 6, 22): row}


def test_pruned_days_are_evidenced_by_their_roll_ups(company: Any, seed_of: Any) -> None:
    company.flow(50, "10.2.0.40", "10.3.0.50", 3389)
    opened = company.open()
    start = datetime(2024, 3, 4, tzinfo=UTC)
    opened.lake.prune(start + timedelta(days=4))
    found = opened.look(seed_of("10.2.0.40", "10.3.0.50", 3389))
    (hop,) = found.hops
    assert [(one.row, one.day, one.text is not None) for one in hop.evidence] == [
        (None, start + timedelta(days=2), True)
    ]
    assert hop.at == start + timedelta(hours=50)
    assert any("pruned" in note for note in found.notes)
