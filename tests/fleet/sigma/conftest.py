from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from sekisho.fleet.sigma.compiling import RuleSet, compile_rules
from sekisho.intel.detections import listed
from sekisho.sources.windows_whole import EventRows
from sekisho.store.event_staging import EventFile
from sekisho.store.events import Met
from sekisho.store.lake import Lake

SYSMON = "Microsoft-Windows-Sysmon/Operational"


def event(
    values: Mapping[str, Any],
    *,
    number: int = 1,
    channel: str = SYSMON,
    host: str = "PC-1",
    time: str = "2020-06-11T01:00:00Z",
    record: int | None = 1,
) -> dict[str, Any]:
    """An event as EVTX is written out."""
    system = {
        "Provider": {"#attributes": {"Name": "Microsoft-Windows-Sysmon"}},
        "EventID": number,
        "TimeCreated": {"#attributes": {"SystemTime": time}},
        "EventRecordID": record,
        "Channel": channel,
        "Computer": host,
    }
    return {"Event": {"System": system, "EventData": dict(values)}}


def keep(lake: Lake, events: Iterable[Mapping[str, Any]], name: str = "log.evtx", **more: Any) -> None:
    """Take events into a lake as one log."""
    rows = EventRows()
    listed_events = list(events)
    for row, one in enumerate(listed_events, 1):
        rows.add(row, one)
    content = json.dumps([name, listed_events], sort_keys=True)
    sha256 = hashlib.sha256(content.encode("utf-8", "surrogatepass")).hexdigest()
    lake.events.intake.take(EventFile(sha256, name, **more), [rows.table()])


def rules(folder: Path, bodies: Sequence[Mapping[str, Any]], level: str = "informational") -> RuleSet:
    """Rules of these bodies, each in a file, as the program reads them."""
    folder.mkdir(parents=True, exist_ok=True)
    writer = YAML(typ="safe")
    for number, body in enumerate(bodies):
        with (folder / f"{number:04}.yml").open("w", encoding="utf-8") as stream:
            writer.dump(dict(body), stream)
    found = listed(folder)
    assert not found.problems, found.problems
    return compile_rules(found.rules, level)


def ask(lake: Lake, asked: RuleSet) -> Met:
    """What the rules find."""
    silent = [one.number for one in asked.compiled.values() if one.silent]
    return lake.events.met(asked.questions(), asked.correlations(), silent)


def rule(detection: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    """A rule about the creation of processes."""
    logsource = {"product": "windows", "category": "process_creation"}
    return {"title": "A rule", "logsource": logsource, "detection": dict(detection), **more}
