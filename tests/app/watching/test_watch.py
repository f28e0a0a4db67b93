from __future__ import annotations

import io
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from sekisho.app import alerts as use
from sekisho.app.decisions import open_decisions
from sekisho.app.findings import decide
from sekisho.app.sinks import Target
from sekisho.app.watching.watch import Watch, watching
from sekisho.app.workspace import Workspace
from sekisho.errors import RequestError
from sekisho.model.findings import finding_id
from sekisho.watch.sinks.jsonl import JsonLines

NOW = datetime(2020, 6, 8, tzinfo=UTC)
Conn = Callable[..., str]


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@contextmanager
def opened(root: Path, stream: io.BytesIO, **options: Any) -> Iterator[Watch]:
    target = Target(JsonLines(stream), "info")
    options = {"clock": lambda: NOW, "by": "aiko"} | options
    with watching(Workspace(root), [target], **options) as watch:
        yield watch


def told(stream: io.BytesIO) -> list[tuple[str, str]]:
    lines = [json.loads(line) for line in stream.getvalue().splitlines()]
    return [(line["change"], line["severity"]) for line in lines]


def append(root: Path, text: str, sensor: str = "th-edge") -> None:
    with (root / "logs" / sensor / "conn.log").open("a") as file:
        file.write(text)


def test_once_tells_what_came_and_the_next_time_what_is_new(raw_company: Path, zeek_conn: Conn) -> None:
    stream = io.BytesIO()
    with opened(raw_company, stream) as watch:
        watch.once()
        assert watch.tally.flows == 306
        assert watch.fails("critical")
        assert not watch.fails(None)
    assert sorted(told(stream)) == [
        ("raised", "critical"),
        ("raised", "critical"),
        ("raised", "low"),
        ("raised", "medium"),
        ("raised", "medium"),
    ]
    with opened(raw_company, stream) as watch:
        watch.once()
    assert len(told(stream)) == 5
    append(raw_company, zeek_conn(1_591_500_000.5, "Cx", "10.40.7.7", 50_000, "10.1.0.5", 3389))
    with opened(raw_company, stream) as watch:
        watch.once()
    assert len(told(stream)) == 6


def test_an_old_lake_raises_nothing_but_what_comes(company: Path, zeek_conn: Conn) -> None:
    stream = io.BytesIO()
    with opened(company, stream) as watch:
        watch.once()
        assert told(stream) == []
        append(company, zeek_conn(1_591_500_000.5, "Cx", "10.40.7.7", 50_000, "10.1.0.5", 3389))
        watch._follower._rest.clear()
        watch.once()
    assert [change for change, _ in told(stream)] == ["raised"]


def test_since_takes_in_what_was_taken_before(company: Path) -> None:
    stream = io.BytesIO()
    with opened(company, stream, since=NOW) as watch:
        watch.once()
    assert len(told(stream)) == 5


def test_a_finding_that_somebody_accepted_raises_no_alert(company: Path) -> None:
    from sekisho.app.findings import current, find

    name = finding_id("10.40.9.9", "10.1.10.96", "tcp", 445)
    workspace = Workspace(company)
    finding = find(current(workspace, now=NOW, by="aiko"), name)
    decide(workspace, finding, "accept", now=NOW, by="aiko", why="a test")
    stream = io.BytesIO()
    with opened(company, stream, since=NOW) as watch:
        watch.once()
    lines = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert len(lines) == 4
    assert name not in {m["finding"] for line in lines for m in line["members"]}


def test_edits_and_mistakes_of_the_register_are_taken_up_while_it_runs(
    raw_company: Path, zeek_conn: Conn
) -> None:
    stream = io.BytesIO()
    policy = raw_company / "policy.yaml"
    good = policy.read_text()
    with opened(raw_company, stream) as watch:
        watch.once()
        before = len(told(stream))
        policy.write_text(good.replace("tcp/8443", "tcp/oops", 1))
        watch.once()
        watch.once()
        assert told(stream)[before:] == [("raised", "high")]
        assert not watch.status().register_sound
        edited = good.replace(
            "th-plant/* -> jp-hq/db : mssql", "th-plant/* -> jp-hq/db : mssql, tcp/99"
        )
        policy.write_text(edited.replace("expires: 2020-06-02", "expires: 2030-01-01"))
        watch.once()
        assert told(stream)[before + 1 :] == [("cleared", "high")]
        later = NOW.timestamp() + 5
        append(raw_company, zeek_conn(later, "Cy", "10.40.3.3", 50_000, "10.1.30.3", 99))
        watch._follower._rest.clear()
        watch._clock = lambda: NOW + timedelta(minutes=1)
        watch.once()
    assert len(told(stream)) == before + 2


def test_status_tells_what_a_monitor_asks(raw_company: Path) -> None:
    stream = io.BytesIO()
    with opened(raw_company, stream) as watch:
        assert watch.status().lag is None
        watch.once()
        found = watch.status()
        assert found.alerts == {"critical": 2, "medium": 2, "low": 1}
        assert found.by_verdict["critical", "unauthorized"] == 2
        assert (found.file, found.behind, found.flows, found.told) == (2, 0, 306, 5)
        assert found.lag is not None
        assert found.delivered == {"jsonl": 5}
        worst = use.listed(Workspace(raw_company), now=NOW).alerts[0]
        use.answer(
            Workspace(raw_company), worst.id, "acknowledge", now=NOW, by="ken", why="looking at it"
        )
        watch.once()
        assert watch.status().alerts["critical"] == 1
    assert len(told(stream)) == 5


def test_maintenance_that_is_set_while_it_runs_holds(raw_company: Path, zeek_conn: Conn) -> None:
    stream, clock = io.BytesIO(), Clock()
    workspace = Workspace(raw_company)
    with opened(raw_company, stream, clock=clock) as watch:
        watch.once()
        before = len(told(stream))
        end = NOW + timedelta(hours=8)
        scope = use.Scope(sites=["th-plant"])
        use.set_maintenance(workspace, scope, begin=NOW, end=end, now=NOW, by="aiko", why="x")
        for minute in (1, 2, 9 * 60):
            at = NOW.timestamp() + minute * 60
            append(raw_company, zeek_conn(at, f"C{minute}", "10.40.7.7", 50_000, "10.1.0.5", 3389))
            clock.now = NOW + timedelta(minutes=minute)
            watch._follower._rest.clear()
            watch.once()
            if minute < 60:
                assert len(told(stream)) == before
                assert watch.status().muted == 1
    assert [change for change, _ in told(stream)[before:]] == ["resumed"]


def test_one_watch_at_a_time(raw_company: Path) -> None:
    with (
        opened(raw_company, io.BytesIO()),
        pytest.raises(RequestError, match="another process is watching"),
        opened(raw_company, io.BytesIO()),
    ):
        pass


def test_it_runs_until_it_is_told_to_stop(raw_company: Path) -> None:
    stream, stop = io.BytesIO(), threading.Event()
    with opened(raw_company, stream) as watch:
        original = watch.turn

        def turn(ends: threading.Event) -> None:
            original(ends)
            stop.set()

        watch.turn = turn  # type: ignore[method-assign]
        watch.run(stop)
    assert len(told(stream)) == 5


def test_what_happened_to_a_plan_is_told_with_the_next_turn(raw_company: Path) -> None:
    stream = io.BytesIO()
    with opened(raw_company, stream) as watch:
        watch.once()
        stream.truncate(0)
        with open_decisions(Workspace(raw_company)) as decisions:
            body = {"plan": "P-1", "restriction": {"incident": None}}
            decisions.decide("plan.draft", body, at=NOW, by="aiko")
            body = {"plan": "P-1", "state": "previewed", "text": "now"}
            decisions.decide("plan.breakglass", body, at=NOW, by="ken")
        watch.once()
        watch.once()
    alerts = [json.loads(line) for line in stream.getvalue().strip(b"\0").splitlines()]
    assert [(one["kind"], one["severity"]) for one in alerts] == [("contain", "critical")]
