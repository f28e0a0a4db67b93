"""Hops as documents; whole investigations are in test_run."""

from datetime import UTC, datetime, timedelta

from sekisho.audit.coverage import Coverage, Hours
from sekisho.investigate.telling import blind

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
