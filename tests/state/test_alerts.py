from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from sekisho.state.alerts import AlertRow, AlertStore, ConnectionRow
from sekisho.state.state import State

AT = datetime(2020, 6, 11, tzinfo=UTC)
ALERT = AlertRow("A-1", "k", "connection", 1, "open", "", AT, None, 0, "{}", "{}")
ONE = ConnectionRow(
    finding="F-1",
    alert="A-1",
    src="|10.40.9.9",
    dst="|10.1.10.96",
    src_site="th-plant",
    dst_site="jp-hq",
    service="smb",
    rule="",
    verdict="unauthorized",
    severity=1,
    flows=2,
    established=1,
    volume=100,
    first_seen=AT,
    last_seen=AT,
    provisional=False,
    turned=False,
    known="{}",
    member="1",
)


@pytest.fixture
def store(where: str | Path) -> Iterator[AlertStore]:
    with State.open(where) as state:
        yield state.alerts()


def test_a_round_that_does_not_end_leaves_nothing(store: AlertStore) -> None:
    def stopped() -> None:
        with store.round() as work:
            work.put_alert(ALERT)
            work.put_connections([ONE], ())
            work.enqueue(["a"], "A-1-1", "{}", AT)
            work.move(7, AT)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stopped()
    assert store.cursor() is None
    assert store.alerts() == {}
    assert store.unsent() == {}


def test_totals_count_ends_once_and_leave_out_what_was_turned_round(store: AlertStore) -> None:
    rows = [
        ONE,
        replace(ONE, finding="F-2", dst="|10.1.10.97", established=0, severity=3, member="2"),
        replace(ONE, finding="F-3", src="|10.40.9.8", service="ssh", turned=True, severity=0),
    ]
    with store.round() as work:
        work.put_alert(ALERT)
        work.put_connections(rows, ())
        found = work.totals("A-1")
        assert work.worst("A-1", 5) == ["1", "2"]
    assert (found.connections, found.established, found.turned) == (2, 1, 1)
    assert (found.sources, found.destinations, found.severity) == (1, 2, 1)
    assert (found.flows, found.volume) == (4, 200)
    assert found.labels["service"] == "smb"
    assert "dst" not in found.labels


def test_rows_are_replaced_by_their_names(store: AlertStore) -> None:
    with store.round() as work:
        work.put_alert(ALERT)
        work.put_connections([ONE], ())
    with store.round() as work:
        work.put_alert(replace(ALERT, severity=0, due=AT))
        work.put_connections([replace(ONE, flows=9)], ["F-1"])
    assert store.alerts(["A-1"])["A-1"].severity == 0
    assert store.connections(["F-1", "F-9"])["F-1"].flows == 9
    assert store.due(AT - timedelta(seconds=1)) == []
    assert store.due(AT) == ["A-1"]


def test_many_findings_are_asked_for_in_portions(store: AlertStore) -> None:
    rows = [replace(ONE, finding=f"F-{n}", established=n % 2) for n in range(1001)]
    with store.round() as work:
        work.put_alert(ALERT)
        work.put_connections(rows, ())
    assert len(store.connections([row.finding for row in rows])) == 1001
    assert store.attempts([ONE.src, "|10.9.9.9"]) == {ONE.src: 501}


def test_a_sink_is_given_its_messages_in_order_until_it_took_them(store: AlertStore) -> None:
    with store.round() as work:
        for number in (1, 2):
            work.enqueue(["a", "b"], f"A-1-{number}", str(number), AT)
    first, second = store.waiting("a", AT, 10)
    store.put_off(first.seq, "busy", AT + timedelta(minutes=1))
    assert store.waiting("a", AT, 10) == []
    assert len(store.waiting("b", AT, 10)) == 2
    again = store.waiting("a", AT + timedelta(minutes=1), 10)
    assert [one.delivery for one in again] == ["A-1-1", "A-1-2"]
    assert (again[0].attempts, again[0].error) == (1, "busy")
    store.taken(first.seq)
    store.put_off(second.seq, "no such channel", None)
    assert store.waiting("a", AT + timedelta(days=1), 10) == []
    assert store.unsent() == {("a", True): 1, ("b", False): 2}


def test_observers_and_what_was_told_with_others_are_kept(store: AlertStore) -> None:
    assert store.observers() == {}
    with store.round() as work:
        work.keep(3, {"a": b"x", "b": b""})
        work.put_alert(ALERT)
        work.remarked(["A-7", "A-8"], AT, AT)
    with store.round() as work:
        work.keep(5, {"a": b"y"})
    assert store.observers() == {"a": (5, b"y"), "b": (3, b"")}
    asked = ["A-1", "A-7", "A-8", "A-9"]
    assert store.remarked(asked) == {"A-1", "A-7", "A-8"}
    with store.round() as work:
        work.remarked([], AT, AT + timedelta(seconds=1))
    assert store.remarked(asked) == {"A-1"}
