from __future__ import annotations

from datetime import UTC, datetime

import pytest

from sekisho.contain.windows import next_open, open_now, read_window

WEDNESDAY = datetime(2026, 11, 25, tzinfo=UTC)


def at(hour: int, minute: int = 0, day: int = 25) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "open_", "shut"),
    [
        ("Wed 01:00-05:00", [at(1), at(4, 59)], [at(0, 59), at(5), at(2, day=26)]),
        (
            "Mon-Fri 20:00-06:00",
            [at(20), at(5, 59), at(5, day=28)],
            [at(6), at(20, day=28), at(5, day=23)],
        ),
        ("daily 02:00-04:00", [at(2, day=29), at(3)], [at(4)]),
        ("Sat, Sun 00:00-24:00", [at(0, day=28), at(23, 59, 29)], [at(12)]),
        ("Fri-Mon 12:00-13:00", [at(12, day=29), at(12, day=30)], [at(12)]),
    ],
)
def test_windows_of_the_week(text: str, open_: list[datetime], shut: list[datetime]) -> None:
    window = read_window(text)
    assert all(open_now([window], "UTC", one) for one in open_)
    assert not any(open_now([window], "UTC", one) for one in shut)


def test_they_are_in_the_time_of_the_site() -> None:
    window = read_window("Wed 01:00-05:00")
    assert open_now([window], "Asia/Bangkok", at(19, day=24))
    assert not open_now([window], "Asia/Bangkok", at(1))
    opens = next_open([window], "Asia/Bangkok", WEDNESDAY)
    assert opens is not None
    assert opens.isoformat() == "2026-12-02T01:00:00+07:00"


def test_without_any_it_may_always_be_changed() -> None:
    assert open_now([], "UTC", WEDNESDAY)
    assert next_open([], "UTC", WEDNESDAY) is None


@pytest.mark.parametrize(
    "text", ["", "Sat", "Sat 1-5", "Caturday 01:00-02:00", "Sat 25:00-26:00", "Sat-x 01:00-02:00"]
)
def test_what_is_no_window(text: str) -> None:
    with pytest.raises(ValueError, match=r"no window|no day|hour must be"):
        read_window(text)
