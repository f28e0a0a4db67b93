"""Answers and maintenance, as they meet what comes in."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from tests.watch.test_alerts import made
from tests.watch.watched import TEN, Watched

from sekisho.model.flows import State
from sekisho.watch.muting import Window
from sekisho.watch.people import People
from sekisho.watch.standing import Answer

Watch = Callable[..., Watched]
Flow = Callable[..., dict[str, Any]]
QUIET = {"bytes_in": 0, "packets_in": 0, "bytes_out": 60, "state": State.NO_REPLY}


def test_an_acknowledged_attempt_is_told_again_when_it_gets_through(watched: Watch, flow: Flow) -> None:
    watch = watched()
    (alert,) = watch.take(flow(**QUIET))
    watch.people = People(answers={alert.id: Answer(1, "acknowledge", "aiko", "a test")})
    assert watch.review(alert.id) == []
    (shown,) = watch.alerts()
    assert shown.status == "acknowledged"
    assert shown.muting is not None
    assert (shown.muting.who, shown.muting.why) == ("aiko", "a test")
    assert watch.take(flow(at=36_005, sport=50_001, **QUIET)) == []
    (changed,) = watch.take(flow(at=36_010))
    assert (changed.id, changed.change, changed.status) == (alert.id, "changed", "open")
    assert "an attempt was established" in changed.text


def test_a_snooze_is_silent_until_it_ends(watched: Watch, flow: Flow) -> None:
    watch = watched()
    (alert,) = watch.take(flow())
    until = TEN + timedelta(hours=1)
    watch.people = People(answers={alert.id: Answer(1, "snooze", "aiko", "later", until)})
    watch.review(alert.id)
    assert watch.take(flow(at=36_100)) == []
    assert watch.alerts()[0].status == "snoozed"
    watch.later(hours=1)
    assert watch.review() == []
    (again,) = watch.take(flow(at=39_700))
    assert (again.change, again.status) == ("resumed", "open")


def test_maintenance_keeps_an_alert_and_tells_it_where_it_goes_on(watched: Watch, flow: Flow) -> None:
    window = Window("M-1", TEN, TEN + timedelta(hours=1), "ken", "firmware", sites=("th-plant",))
    watch = watched(people=People(windows=(window,)))
    assert watch.take(flow()) == []
    (kept,) = watch.alerts()
    assert (kept.status, kept.connections) == ("muted", 1)
    assert kept.muting is not None
    assert (kept.muting.maintenance, kept.muting.why) == ("M-1", "firmware")
    watch.later(hours=2)
    assert watch.review(kept.id) == []
    (told,) = watch.take(flow(at=36_000 + 7_200))
    assert (told.change, told.id, told.status) == ("resumed", kept.id, "open")


def test_one_connection_outside_a_window_is_enough_to_tell(watched: Watch, flow: Flow) -> None:
    window = Window("M-1", TEN, TEN + timedelta(hours=1), "ken", "x", hosts=("10.1.0.5",))
    watch = watched(people=People(windows=(window,)))
    (told,) = watch.take(flow(), flow(dst="10.1.0.6"))
    assert (told.change, told.connections) == ("raised", 2)


def test_a_notice_is_told_each_time_and_keeps_its_id(watched: Watch) -> None:
    watch = watched()
    broken = made(id="register", kind="register", severity="high")
    cleared = made(id="register", kind="register", change="cleared", status="cleared")
    found = [watch.rounds.notice(a, watch.people, watch.now)[0] for a in (broken, cleared, broken)]
    assert len({alert.id for alert in found}) == 1
    assert [alert.revision for alert in found] == [1, 2, 3]
    assert [alert.change for alert in found] == ["raised", "cleared", "raised"]


def test_a_notice_may_be_acknowledged(watched: Watch) -> None:
    watch = watched()
    (alert,) = watch.rounds.notice(made(id="register", kind="register"), watch.people, watch.now)
    watch.people = People(answers={alert.id: Answer(1, "acknowledge", "aiko", "being mended")})
    assert watch.review(alert.id) == []
    assert [a.status for a in watch.alerts()] == ["acknowledged"]
