"""The timeline for Timesketch, as CSV or JSON lines.

Timesketch wants `message`, `datetime` (ISO 8601) and `timestamp_desc` of every event and takes any other
field (timesketch.org, "Import from JSON or CSV"); `tag` is a list, in CSV with commas between.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, TextIO

from rich.console import Console

from sekisho.investigate.moments import micros
from sekisho.model.hops import Evidence
from sekisho.model.incidents import NO_SENSOR, InvestigationDocument, TimelineItem
from sekisho.reports.base import Options
from sekisho.reports.formats.csv import field
from sekisho.reports.formats.stream import encodable, is_utf, json_text, stream_of
from sekisho.reports.steps import Step, service_of, steps

DESCRIBED = {
    "hop": "Control passed",
    "leaving": "Data began to leave",
    "logon": "Logon",
    "account": "Account changed",
    "open": "Incident opened",
    "note": "Note written",
    "note_edit": "Note changed",
    "task": "Task added",
    "task_done": "Task finished",
    "close": "Incident closed",
    "preserve": "Original bytes preserved",
    "terminal": "Found on a terminal",
}
COLUMNS = (
    *("message", "datetime", "timestamp_desc", "timestamp", "tag", "incident", "kind", "source"),
    *("site", "local_time", "sensor", "evidence", "src_ip", "src_site", "dst_ip", "dst_site"),
    *("dst_port", "protocol", "service", "control", "technique", "role", "likelihood", "verdict"),
    *("account", "bytes_low", "bytes_high", "party", "through", "hidden_behind"),
)
MOST_EVIDENCE = 8


def write_csv(document: InvestigationDocument, out: Console | TextIO, _options: Options) -> None:
    """Write every event; a cell that a spreadsheet would compute has an apostrophe before it."""
    stream = stream_of(out)
    exact = is_utf(stream)
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(COLUMNS)
    for event in events(document):
        flat = event | {"tag": ",".join(event["tag"])}
        row = [field(flat.get(name)) for name in COLUMNS]
        writer.writerow(row if exact else [encodable(text, stream) for text in row])


def write_jsonl(document: InvestigationDocument, out: Console | TextIO, _options: Options) -> None:
    """Write an object a line; what is not known of an event is left out."""
    stream = stream_of(out)
    for event in events(document):
        kept = {key: value for key, value in event.items() if value is not None}
        stream.write(json_text(json.dumps(kept, ensure_ascii=False), stream) + "\n")


def events(document: InvestigationDocument) -> Iterator[dict[str, Any]]:
    """The timeline, then where nothing could be seen, as events; times are UTC."""
    hops: dict[tuple[Any, ...], list[Step]] = {}
    for step in steps(document):
        hops.setdefault((step.hop.at, step.hop.evidence), []).append(step)
    for item in document.timeline:
        told = (s for s in hops.get((item.at, item.evidence), ()) if _names(item, s))
        found = next(told, None)
        yield _event(document, item) | (_hop(found) if found else _gone(document, item))
    for one in document.unobservable:
        for at, what in ((one.begin, "Recording stops"), (one.end, "Recording begins again")):
            who = "no sensor was there" if one.sensor == NO_SENSOR else f"{one.sensor} recorded nothing"
            text = f"{who} from {_iso(one.begin)} until {_iso(one.end)}: {one.why}"
            yield _base(document, at, text, what, "unobservable") | {"sensor": one.sensor}


def _names(item: TimelineItem, step: Step) -> bool:
    hidden = step.hop.hidden_behind
    relay = hidden is not None and hidden.relay in item.text
    ends = (end in item.text or relay for end in (step.hop.src, step.hop.dst))
    return item.kind == "hop" and all(ends)


def _event(document: InvestigationDocument, item: TimelineItem) -> dict[str, Any]:
    described = DESCRIBED.get(item.kind, item.kind.replace("_", " ").capitalize())
    sensors = dict.fromkeys(one.sensor for one in item.evidence if one.sensor)
    return _base(document, item.at, item.text, described, item.kind) | {
        "source": item.source,
        "site": item.site,
        "local_time": item.local,
        "sensor": ", ".join(sensors) or None,
        "evidence": "; ".join(map(_evidence, item.evidence[:MOST_EVIDENCE])) or None,
    }


def _base(
    document: InvestigationDocument, at: datetime, text: str, described: str, kind: str
) -> dict[str, Any]:
    # The order is that of the columns.
    made: dict[str, Any] = dict.fromkeys(COLUMNS)
    return made | {
        "message": text,
        "datetime": _iso(at),
        "timestamp_desc": described,
        "timestamp": micros(at),
        "tag": ["sekisho", kind],
        "incident": document.id,
        "kind": kind,
    }


def _hop(step: Step) -> dict[str, Any]:
    hop = step.hop
    return {
        "tag": ["sekisho", "hop", hop.role, hop.technique],
        "src_ip": hop.src,
        "src_site": hop.src_site,
        "dst_ip": hop.dst,
        "dst_site": hop.dst_site,
        "dst_port": hop.port,
        "protocol": hop.protocol,
        "service": service_of(hop),
        "control": hop.kind,
        "technique": hop.technique,
        "role": hop.role,
        "likelihood": hop.likelihood,
        "verdict": hop.verdict,
        "account": hop.account,
        "through": step.through or None,
        "hidden_behind": hop.hidden_behind.relay if hop.hidden_behind else None,
    }


def _gone(document: InvestigationDocument, item: TimelineItem) -> dict[str, Any]:
    """Of what left: from where, for whom, how."""
    for one in document.exfiltration if item.kind == "leaving" else ():
        if one.begin == item.at and one.src in item.text and one.dst in item.text:
            return {
                "tag": ["sekisho", "leaving", *([one.technique] if one.technique else [])],
                "src_ip": one.src,
                "src_site": one.src_site,
                "dst_ip": one.dst,
                "dst_site": one.dst_site,
                "service": ", ".join(one.services) or None,
                "technique": one.technique,
                "likelihood": one.likelihood,
                "bytes_low": one.bytes.low,
                "bytes_high": one.bytes.high,
                "party": one.party,
            }
    return {}


def _evidence(one: Evidence) -> str:
    if one.path:
        row = f" row {one.row}" if one.row is not None else ""
        return f"{one.path}{row}" + (f" sha256:{one.sha256}" if one.sha256 else "")
    return one.text or (f"roll-up of {one.day:%Y-%m-%d}" if one.day else "")


def _iso(at: datetime) -> str:
    """Microseconds and `+00:00`, which Timesketch asks for by example."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")
