from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from tests.watch.watched import TEN

from sekisho.model.verdicts import Severity
from sekisho.watch.alerts import Member, alert_id
from sekisho.watch.base import Remark
from sekisho.watch.observing import APART, alerts, unsaid


def remark(number: int = 1, severity: Severity = "low", member: Member | None = None) -> Remark:
    return Remark(f"volume|{number:02}", severity, f"busy {number}", "more", "1 MB a day", member)


def test_the_worst_come_first_and_what_was_told_is_left_out() -> None:
    remarks = [remark(1), remark(2, "medium"), remark(3), remark(3)]
    found = unsaid(remarks, lambda _ids: ())
    assert [one.key[-1] for one in found] == ["2", "1", "3"]
    assert unsaid(remarks, lambda _ids: [alert_id("volume|02")]) == found[1:]


def test_more_than_anybody_reads_are_one_alert() -> None:
    *apart, rest = alerts([remark(n) for n in range(APART + 5)], TEN, TEN)
    assert len(apart) == APART
    assert (rest.connections, rest.title) == (5, "5 connections more that are not as they were")
    assert "busy 20; busy 21" in rest.text
    assert {alert.baseline for alert in apart} == {"1 MB a day"}


def test_where_the_connection_is_known_it_is_shown(make_member: Callable[..., Member]) -> None:
    member = make_member(last_seen=TEN - timedelta(seconds=9))
    (alert,) = alerts([remark(member=member)], TEN, TEN)
    assert (alert.members, alert.late) == ((member,), pytest.approx(9))
