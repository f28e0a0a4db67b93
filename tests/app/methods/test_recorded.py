from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa

from sekisho.app.methods.recorded import Evidence, heard, recorded
from sekisho.app.wiring import read_inventory
from sekisho.app.workspace import Workspace
from sekisho.audit.coverage import Coverage, Hours
from sekisho.audit.stretches import hour_of
from sekisho.intel.methods.known import known
from sekisho.model.methods import Recorded
from sekisho.store.events import RECORDED as EVENTS
from sekisho.store.recorded import RECORDED, Record

END = datetime(2020, 6, 11, tzinfo=UTC)
DAY = timedelta(days=1)


def row(sensor: str, kind: str, last: datetime, host: str = "") -> dict[str, Any]:
    return {"sensor": sensor, "host": host, "kind": kind, "first": last - DAY, "last": last, "rows": 3}


def asked(
    raw: Workspace, names: list[Any], logons: list[Any], events: list[Any] | None = None
) -> dict[tuple[str, str], Recorded]:
    found = recorded(known(), _evidence(raw, names, logons, events))
    return {(one.source, one.site): one for one in found}


def _evidence(
    raw: Workspace, names: list[Any], logons: list[Any], events: list[Any] | None = None
) -> Evidence:
    begin = hour_of(END - 10 * DAY)
    hours = {
        "jp-edge": (
            Hours(begin, begin + 24, "seen", 5, ""),
            Hours(begin + 24, begin + 240, "no_data", 0, ""),
        ),
        "th-edge": (Hours(begin, begin + 240, "seen", 5, ""),),
    }
    return Evidence(
        read_inventory(raw),
        Coverage(hours, begin, begin + 240),
        Record(pa.Table.from_pylist(names, RECORDED)),
        Record(pa.Table.from_pylist(logons, RECORDED)),
        pa.Table.from_pylist(events or [], EVENTS),
        None,
        None,
        END,
        ("jp-hq", "th-plant", "us-plant"),
    )


def test_what_sensors_recorded_lately_is_told_from_what_windows_says_of_the_same(
    raw: Workspace,
) -> None:
    found = heard(
        _evidence(
            raw,
            [row("jp-edge", "dns_query", END - DAY), row("jp-edge", "sni", END - 30 * DAY)],
            [row("jp-edge", "ticket", END, "th-app02.corp.example"), row("th-edge", "rpc", END)],
        )
    )
    assert {name for name, sites in found.items() if sites} == {"dns", "dce_rpc"}
    assert (found["dns"], found["dce_rpc"]) == ({"jp-hq"}, {"th-plant"})
    # Where flows are is known by the coverage of sensors.
    assert "conn" not in found


def test_flows_are_of_the_sensors_of_a_site(raw: Workspace) -> None:
    found = asked(raw, [], [])
    told = {site: found["flow", site] for site in ("jp-hq", "th-plant", "us-plant")}
    assert {site: one.standing for site, one in told.items()} == {
        "jp-hq": "lapsed",
        "th-plant": "seen",
        "us-plant": "nothing_recorded",
    }
    assert (told["jp-hq"].amount, told["jp-hq"].out_of) == (24, 240)
    assert told["jp-hq"].last == END - 9 * DAY
    assert told["us-plant"].first is None


def test_rows_beside_flows_are_of_their_sensors_site_or_of_their_hosts(raw: Workspace) -> None:
    found = asked(
        raw,
        [row("jp-edge", "dns_query", END - DAY), row("gone", "sni", END)],
        [
            row("jp-edge", "logon", END, "th-app02.corp.example"),
            row("jp-edge", "logon", END - 30 * DAY, "stranger"),
        ],
    )
    assert found["dns", "jp-hq"].standing == "seen"
    assert found["dns", "th-plant"].standing == "nothing_recorded"
    assert found["tls", "jp-hq"].standing == "nothing_recorded"
    # The head office collects the logs of Thailand: the host is there all the same.
    assert (found["logons", "th-plant"].standing, found["logons", "th-plant"].amount) == ("seen", 3)
    assert found["logons", "jp-hq"].standing == "lapsed"
    assert found["terminals-rdp", "jp-hq"].standing == "nothing_recorded"


def test_events_of_terminals_logs_count_at_their_hosts_site(raw: Workspace) -> None:
    sysmon = "Microsoft-Windows-Sysmon/Operational"

    def event(host: str, channel: str, number: int, last: datetime) -> dict[str, Any]:
        said = {"host": host, "file": 1, "channel": channel, "event_id": number, "events": 4}
        return said | {"first": last - DAY, "last": last}

    found = asked(
        raw,
        [],
        [row("jp-edge", "process", END - 30 * DAY, "th-app02")],
        [
            event("TH-APP02", sysmon, 1, END),
            event("th-app02", sysmon, 7, END - 20 * DAY),
            event("stranger", sysmon, 3, END),
        ],
    )
    processes = found["processes", "th-plant"]
    assert (processes.standing, processes.amount, processes.last) == ("seen", 7, END)
    assert found["module-loads", "th-plant"].standing == "lapsed"
    assert found["process-connections", "th-plant"].standing == "nothing_recorded"
