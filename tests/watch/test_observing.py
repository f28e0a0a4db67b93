from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.watch.watched import TEN, Watched

from sekisho.audit.marks import Mark
from sekisho.model.addresses import key, parse_address
from sekisho.model.findings import Check
from sekisho.model.verdicts import Severity
from sekisho.watch.alerts import alert_id
from sekisho.watch.observing import APART, alerts, fresh_marks


def mark(number: int = 1, severity: Severity = "low", check: str = "hours") -> Mark:
    src, dst = key(parse_address("10.40.2.10")), key(parse_address(f"10.1.20.{number}"))
    return Mark(("", *src, "", *dst, 6, 8443), "changed", severity, Check(id=check, text="at night"))


def test_the_worst_come_first_and_what_was_told_is_left_out() -> None:
    marks = [mark(1), mark(2, "medium"), mark(3), mark(3)]
    found = fresh_marks(marks, lambda _ids: ())
    assert [one.severity for _, one in found] == ["medium", "low", "low"]
    left = fresh_marks(marks, lambda _ids: [alert_id(found[0][0])])
    assert left == found[1:]


def test_more_than_anybody_reads_are_one_alert(
    watched: Callable[..., Watched], flow: Callable[..., Any]
) -> None:
    watch = watched()
    watch.put(watch.lake, "edge", [flow("10.40.2.10", "10.1.20.1", 8443)], "a.log")
    arrivals = watch.lake.arrivals(0)
    assert arrivals is not None
    with arrivals:
        new = fresh_marks([mark(n) for n in range(1, APART + 6)], lambda _ids: ())
        *apart, rest = alerts(new, arrivals, watch.describer, TEN)
    assert len(apart) == APART
    assert (rest.connections, rest.title) == (5, "5 connections more that are not as they were")
    (arrived,) = (alert for alert in apart if alert.members)
    assert arrived.labels["dst_site"] == "jp-hq"
    assert {alert.baseline for alert in apart} == {"at night"}
