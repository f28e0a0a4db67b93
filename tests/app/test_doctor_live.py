from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from sekisho.app import doctor_live
from sekisho.app.collecting.status import CollectStatus, ListenerState, write_status
from sekisho.app.decisions import open_decisions
from sekisho.app.wiring import open_lake
from sekisho.app.workspace import Workspace, init
from sekisho.model.addresses import ip_address
from sekisho.sources.forwarding.certificates import authority, issue
from sekisho.sources.forwarding.received import Received
from sekisho.sources.forwarding.spool import Spool
from sekisho.sources.forwarding.wire import Hello
from sekisho.sources.journal.framing import Kind
from sekisho.sources.journal.journal import Journal
from sekisho.sources.times import micros_of

NOW = datetime(2024, 3, 4, 12, tzinfo=UTC)
Look = Callable[[Workspace, datetime], Iterator[doctor_live.Found]]


@pytest.fixture
def place(tmp_path: Path) -> Workspace:
    """An empty workspace."""
    return init(tmp_path / "acme").workspace


def told(look: Look, workspace: Workspace, now: datetime = NOW) -> list[tuple[str, str]]:
    found = list(look(workspace, now))
    assert all(mend for _, state, _, mend in found if state != "ok"), "each says what to do"
    return [(state, text) for _, state, text, _ in found]


def sealed_at(folder: Path, at: datetime) -> None:
    journal = Journal(folder, segment_seconds=1e9)
    journal.append(Kind.DATAGRAM, ip_address("10.0.0.1"), 5, micros_of(at), b"x")
    segment = journal.seal()
    journal.close()
    assert segment is not None
    segment.path.rename(folder / f"{micros_of(at):020d}.journal")


def test_where_nothing_runs_nothing_is_said(place: Workspace) -> None:
    looks = (doctor_live.collector, doctor_live.forwarding, doctor_live.certificates, doctor_live.watch)
    assert [told(look, place) for look in looks] == [[], [], [], []]


def test_a_collector(place: Workspace) -> None:
    place.journal.mkdir(parents=True)
    good = CollectStatus(os.getpid(), "collecting", 0, micros_of(NOW))
    write_status(place.journal, good)
    assert told(doctor_live.collector, place) == [("ok", "collecting; nothing waits, nothing dropped")]
    listener = ListenerState("udp://0.0.0.0:2055", 0, 0, 0, 7, 0, 0, 0, 0)
    write_status(place.journal, replace(good, dropped=7, trouble=("full",), listeners=(listener,)))
    sealed_at(place.journal, NOW)
    (place.journal / f"{1:020d}.damaged").touch()
    assert told(doctor_live.collector, place, NOW + timedelta(minutes=6)) == [
        ("warn", "trouble: full"),
        ("warn", "it has said nothing since 2024-03-04 12:00 UTC"),
        ("warn", "the oldest segment has waited for 6 min"),
        ("warn", "7 dropped by a full queue or disk"),
        ("warn", "1 segment set aside as damaged"),
    ]
    write_status(place.journal, replace(good, state="stopped"))
    assert told(doctor_live.collector, place)[0] == (
        "warn",
        "stopped, and 1 sealed segment not committed",
    )


def test_a_site_that_is_cut(place: Workspace) -> None:
    with place.settings_file.open("a") as file:
        file.write('\n[collect.forward]\nurl = "https://centre.example:7443"\n')
    sealed_at(place.spool, NOW)
    sealed_at(place.spool, NOW + timedelta(seconds=5))
    assert told(doctor_live.forwarding, place) == [("ok", "2 segments on the way")]
    late = NOW + timedelta(hours=3)
    assert told(doctor_live.forwarding, place, late) == [
        ("warn", "2 segments not forwarded, the oldest for 3 h")
    ]
    spool = Spool(place.spool)
    spool.refuse(spool.pending()[0])
    assert told(doctor_live.forwarding, place, NOW) == [
        ("warn", "the centre refused 1 segment"),
        ("warn", "1 segment let go unforwarded"),
    ]


def test_sites_that_are_not_heard(place: Workspace) -> None:
    with place.settings_file.open("a") as file:
        for name in ("th", "jp"):
            file.write(f'\n[collect.centre.collectors.{name}]\ncertificates = ["{name}"]\n')
    assert told(doctor_live.forwarding, place) == [("warn", "not heard for over 1 h: jp, th")]
    received = Received(place.received)
    for name in ("th", "jp"):
        received.heard(name, Hello(now=NOW), timedelta(0), NOW)
    received.close()
    assert told(doctor_live.forwarding, place) == [("ok", "all 2 were heard lately")]
    late = NOW + timedelta(hours=2)
    assert told(doctor_live.forwarding, place, late)[0][0] == "warn"


def test_certificates_that_expire(place: Workspace) -> None:
    tls = place.root / "tls"
    authority(tls, now=NOW)
    issue(tls, "site", [], now=NOW, lasts=timedelta(days=90))
    with place.settings_file.open("a") as file:
        file.write('\n[collect]\ntls_certificate = "tls/site.pem"\n')
        file.write('[collect.forward]\nca = "tls/ca.pem"\n')
    assert told(doctor_live.certificates, place) == [("ok", "the first to expire does on 2024-06-02")]
    for days, state in ((70, "warn"), (91, "fail")):
        (found,) = told(doctor_live.certificates, place, NOW + timedelta(days=days))
        assert found[0] == state
        assert found[1].startswith("tls/site.pem expire")
    (tls / "site.pem").write_text("nothing")
    assert told(doctor_live.certificates, place)[0][0] == "fail"


def test_a_watch_that_ended(workspace: Workspace) -> None:
    # A workspace that is shared among tests may be older than what a watch may be behind.
    with open_lake(workspace, create=False) as lake:
        arrived = lake.arrivals(0, most=1)
        assert arrived is not None
        with arrived:
            now = arrived.taken.at
    assert told(doctor_live.watch, workspace, now) == []
    with open_decisions(workspace) as decisions, decisions.state.alerts().round() as work:
        work.move(0, now)
    assert told(doctor_live.watch, workspace, now)[0][0] == "ok"
    (late,) = told(doctor_live.watch, workspace, now + timedelta(hours=5))
    assert late[0] == "warn"
    assert "not judged, the oldest for 5 h" in late[1]
    with open_decisions(workspace) as decisions, decisions.state.alerts().round() as work:
        work.move(10_000, now)
        work.enqueue(["mail"], "A-1-1", "{}", now)
    (busy,) = told(doctor_live.watch, workspace, now + timedelta(hours=5))
    assert busy == ("ok", "all is judged; 1 message on the way to sinks")
    with open_decisions(workspace) as decisions:
        store = decisions.state.alerts()
        (waiting,) = store.waiting("mail", now, 9)
        store.put_off(waiting.seq, "refused", None)
    (refused,) = told(doctor_live.watch, workspace, now)
    assert refused == ("warn", "sinks refused 1 message for good")
