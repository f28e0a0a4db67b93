from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from sekisho.app.collecting.status import CollectStatus
from sekisho.app.collecting.telling import told
from sekisho.model.addresses import ip_address
from sekisho.model.sites import Sensor
from sekisho.sources.journal.segments import sealed
from sekisho.sources.listeners.counters import Counters
from sekisho.sources.listeners.status import ListenerStatus, Status


def test_everything_in_its_place(
    exporter: Any, journal: Callable[..., Path], committer: Callable[..., Any], noon: Any
) -> None:
    one, two = exporter("10.0.0.1", 7), exporter("10.0.0.2")
    folder = journal(
        [
            [
                (one.address, 1, one.v5(2)),
                (one.address, 1, one.v5(1, lose=4)),
                (two.address, 1, two.v9(3)),
            ]
        ]
    )
    journal([[("10.9.9.9", 1, b"x")]])
    sensors = [
        Sensor(name, "jp", address=ip_address("10.0.0.1"), match={"domain": "7"}) for name in "ab"
    ]
    sensors.append(Sensor("c", "jp", address=ip_address("10.0.0.2")))
    receiver = Status(
        1,
        "receiving",
        0,
        0,
        (
            ListenerStatus(
                "udp://x:1",
                Counters(received=9, queue=3, refused=4, stalled=5, failed=6),
                4096,
                {"10.9.9.9": 5},
                2,
            ),
        ),
    )
    with committer(sensors) as work:
        backlog = sealed(folder)
        before = told(CollectStatus(1, "collecting", 0, 0), work, {}, backlog, None)
        assert (before.backlog, before.flows, before.last_commit) == (2, 0, None)
        assert before.backlog_bytes == sum(segment.size for segment in backlog)
        assert before.oldest == backlog[0].begun_at
        work.step()
        by_name = {sensor.name: sensor for sensor in sensors}
        found = told(CollectStatus(1, "collecting", 0, 0), work, by_name, [], receiver)
    assert (found.flows, found.lost, found.records, found.waiting, found.commits) == (3, 4, 4, 1, 1)
    assert found.last_record is not None
    assert [(e.exporter, e.sensors, e.format, e.unit, e.received, e.lost) for e in found.exporters] == [
        ("10.0.0.1", ("a", "b"), "netflow-v5", "records", 3, 4),
        ("10.0.0.2", ("c",), "netflow-v9", "datagrams", 1, 0),
    ]
    assert [(s.address, s.sensors, s.records, s.flows) for s in found.senders] == [
        ("10.0.0.1", ("a", "b"), 2, 3),
        ("10.0.0.2", ("c",), 1, 0),
    ]
    assert found.strangers == {"10.9.9.9": 6, "": 2}
    assert [
        (one.name, one.received, one.queue, one.refused, one.stalled, one.failed)
        for one in found.listeners
    ] == [("udp://x:1", 9, 3, 4, 5, 6)]
