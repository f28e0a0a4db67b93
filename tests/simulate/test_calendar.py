"""Schedules follow the local clock of each site."""

from __future__ import annotations

from datetime import UTC, date, datetime

import numpy as np
import pytest

from sekisho.simulate.base import HOUR
from sekisho.simulate.calendar import SLOTS, Calendar, microseconds, moment
from sekisho.simulate.places import PLACES

TOKYO, LINCOLN = 0, 8


def busiest(levels, row):
    return int(np.argmax(levels[row, :SLOTS])) // 4


def test_offices_work_by_their_own_clock(calendar):
    levels = calendar.levels("office")
    assert levels.shape == (len(PLACES), 10 * SLOTS)
    assert busiest(levels, TOKYO) in range(8)
    assert busiest(levels, LINCOLN) in range(14, 23)


def test_weekends_are_quiet(calendar):
    levels = calendar.levels("office")
    days = levels[TOKYO].reshape(10, SLOTS).sum(axis=1)
    assert days[5] < days[0] / 5


@pytest.mark.parametrize("name", ["always", "office", "shifts", "night", "weekend", "patch", "quarter"])
def test_every_schedule_happens_within_ten_days(calendar, name):
    levels = calendar.levels(name)
    assert (levels >= 0).all()
    assert (levels.sum(axis=1) > 0).all()


def test_an_unknown_schedule_is_an_error(calendar):
    with pytest.raises(KeyError):
        calendar.levels("never")


def test_a_quarter_closes_on_its_first_working_day():
    calendar = Calendar(date(2020, 8, 30), 5, PLACES)
    busy = calendar.levels("quarter")[TOKYO].reshape(5, SLOTS).sum(axis=1)
    assert busy.argmax() in (1, 2)
    assert Calendar(date(2020, 7, 5), 5, PLACES).levels("quarter").sum() == 0


def test_offsets_know_summer_time():
    summer, winter = Calendar(date(2020, 7, 1), 5, PLACES), Calendar(date(2020, 1, 6), 5, PLACES)
    assert summer.offset(TOKYO, summer.begin) == 9 * HOUR
    assert (summer.offset(LINCOLN, summer.begin), winter.offset(LINCOLN, winter.begin)) == (
        -5 * HOUR,
        -6 * HOUR,
    )


def test_times_go_there_and_back(calendar):
    at = datetime(2020, 5, 26, 12, 30, 0, 123456, tzinfo=UTC)
    assert moment(microseconds(at)) == at
    assert moment(calendar.at(1, 12.5)) == at.replace(microsecond=0)
    assert moment(calendar.end) == datetime(2020, 6, 4, tzinfo=UTC)
