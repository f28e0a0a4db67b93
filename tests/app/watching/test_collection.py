from __future__ import annotations

import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sekisho.app.collecting.status import (
    CollectStatus,
    ExporterStatus,
    ListenerState,
    write_status,
)
from sekisho.app.watching.collection import centre, collection, of_status
from sekisho.app.workspace import Workspace, init
from sekisho.sources.forwarding.received import DATABASE
from sekisho.sources.forwarding.received import Received as Store
from sekisho.sources.forwarding.wire import Hello
from sekisho.watch.metrics import Centre, Collection, Received

AT = 1_591_844_645_000_000


def exporter(address: str, domain: int, received: int, lost: int, *sensors: str) -> ExporterStatus:
    return ExporterStatus(address, sensors, "ipfix", domain, received, lost, 0, 0, "records", 1, 5)


STATUS = CollectStatus(
    pid=os.getpid(),
    state="collecting",
    since=AT,
    at=AT,
    last_commit=AT,
    backlog=2,
    listeners=(
        ListenerState("udp:2055", 10, 100, 3, 4, 5, 0, 0, 0),
        ListenerState("syslog:6514", 10, 100, 0, 0, 0, 0, 0, 0),
    ),
    exporters=(
        exporter("10.40.0.1", 1, 100, 3, "th-edge"),
        exporter("10.40.0.1", 2, 50, -1, "th-edge"),
        exporter("10.1.0.1", 0, 7, 0, "jp-a", "jp-b"),
    ),
)


def workspace(path: Path) -> Workspace:
    made = init(path / "acme").workspace
    made.journal.mkdir(parents=True)
    return made


def test_domains_add_up_and_sensors_that_share_an_exporter_are_named_together() -> None:
    assert of_status(STATUS) == Collection(
        running=True,
        sensors={"th-edge": Received(150, 3), "jp-a,jp-b": Received(7, 0)},
        dropped={"udp:2055": 9, "syslog:6514": 0},
        strangers={"udp:2055": 3, "syslog:6514": 0},
        backlog=2,
        committed_at=datetime.fromtimestamp(AT / 1e6, UTC),
    )


def test_what_was_never_collected_and_what_cannot_be_read(tmp_path: Path) -> None:
    own = workspace(tmp_path)
    assert collection(own) is None
    (own.journal / "collect.json").write_text("{}")
    assert collection(own) is None


def test_a_collector_that_was_killed_does_not_run(tmp_path: Path) -> None:
    own = workspace(tmp_path)
    write_status(own.journal, STATUS)
    found = collection(own)
    assert found
    assert found.running
    gone = os.fork()
    if gone == 0:
        os._exit(0)
    os.waitpid(gone, 0)
    write_status(own.journal, replace(STATUS, pid=gone))
    found = collection(own)
    assert found
    assert (found.running, found.backlog) == (False, 2)


def test_what_a_centre_says(tmp_path: Path) -> None:
    own = workspace(tmp_path)
    assert centre(own) is None, "no site ever forwarded here"
    at = datetime.fromtimestamp(AT / 1e6, UTC)
    store = Store(own.received)
    store.heard("th-plant", Hello(now=at, pending=4), timedelta(0), at)
    for _ in range(2):
        store.refused({"": 3}, at)
    store.close()
    assert centre(own) == Centre(
        pending={"th-plant": 4}, foreign={"th-plant": 0}, too_often={"th-plant": 0, "": 6}
    )
    for path in own.received.glob(f"{DATABASE}*"):
        path.write_bytes(b"no database at all, by its first bytes" * 100)
    assert centre(own) is None
