"""Windows events, whichever of their JSON forms they come in.

Three are known: the event's own structure (`Event.System`, as EVTX is written out), Winlogbeat's
(`winlog.*`), and flat objects (`EventID`, `Hostname`, `Channel`), as NXLog and others forward them. Sources:
Microsoft's event schema ([MS-EVEN6]), Elastic's Winlogbeat field reference.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, tzinfo
from typing import Any

from sekisho.sources.times import FIRST, LAST, micros_of_iso_text
from sekisho.sources.zeek_rows import encodable

Record = Mapping[str, Any]
LONGEST = 4096
"""Characters of a value that are looked at; what is kept is less."""

_HOST = ("Hostname", "Computer", "ComputerName", "MachineName")
_CHANNEL = ("Channel", "LogName")
_PROVIDER = ("SourceName", "ProviderName", "Provider")
_NUMBER = ("RecordNumber", "EventRecordID", "RecordId")
_OWN_TIMES = ("TimeCreated", "SystemTime")
_SHIPPED = "@timestamp"
_LOCAL = "EventTime"
_UTC = "UtcTime"
"""Sysmon's own; always UTC, though it does not say so."""


@dataclass(frozen=True, slots=True)
class WindowsEvent:
    """One event: `time` is microseconds of its own clock, `record` its number in the log, `data` its named
    values as text."""

    event: int
    time: int
    host: str
    channel: str
    provider: str
    record: int | None
    data: Mapping[str, str]

    def field(self, name: str) -> str | None:
        """The raw column of that name by which records are told apart."""
        match name:
            case "Computer" | "Hostname":
                return self.host
            case "Channel":
                return self.channel
            case "Provider":
                return self.provider
            case "EventID":
                return str(self.event)
            case _:
                return self.data.get(name)


def is_event(record: Record) -> bool:
    """Whether an object has one of the three forms."""
    if isinstance(system := _map(record.get("Event")).get("System"), Mapping):
        return "EventID" in system
    if winlog := _map(record.get("winlog")):
        return "event_id" in winlog
    return "EventID" in record and _first(record, _HOST) != "" and _where(record)


def event_of(record: Record, local: tzinfo) -> WindowsEvent:
    """The event in an object; a time without a zone is `local`. Raises ValueError that says what is wrong."""
    if system := _map(_map(record.get("Event")).get("System")):
        return _of_structure(_map(record["Event"]), system, local)
    if winlog := _map(record.get("winlog")):
        return _of_winlog(record, winlog, local)
    return _flat(record, local)


def _of_structure(event: Record, system: Record, local: tzinfo) -> WindowsEvent:
    provider = _attributes(system.get("Provider"))
    created = _attributes(system.get("TimeCreated")).get("SystemTime", system.get("TimeCreated"))
    data = _named(_map(event.get("EventData")))
    if not data:
        # What the log service says of itself: UserData holds one element with its own name.
        for inner in _map(event.get("UserData")).values():
            data.update(_named(_map(inner)))
    return WindowsEvent(
        _id(system.get("EventID")),
        _time(text_of(created), local),
        _host(text_of(system.get("Computer"))),
        text_of(system.get("Channel")),
        text_of(provider.get("Name")),
        _record(system.get("EventRecordID")),
        data,
    )


def _of_winlog(record: Record, winlog: Record, local: tzinfo) -> WindowsEvent:
    data = _named(_map(winlog.get("event_data")))
    for inner in (winlog.get("user_data"),):
        data.update(_named(_map(inner)))
    return WindowsEvent(
        _id(winlog.get("event_id")),
        _time(text_of(winlog.get("time_created") or record.get(_SHIPPED)), local),
        _host(text_of(winlog.get("computer_name"))),
        text_of(winlog.get("channel")),
        text_of(winlog.get("provider_name")),
        _record(winlog.get("record_id")),
        data,
    )


def _flat(record: Record, local: tzinfo) -> WindowsEvent:
    stamp = _first(record, _OWN_TIMES)
    if stamp:
        time = _time(stamp, local)
    elif own := text_of(record.get(_UTC)):
        time = _time(own, UTC)
    else:
        time = _time(text_of(record.get(_SHIPPED)) or text_of(record.get(_LOCAL)), local)
    return WindowsEvent(
        _id(record.get("EventID")),
        time,
        _host(_first(record, _HOST)),
        _first(record, _CHANNEL),
        _first(record, _PROVIDER),
        _record(_first(record, _NUMBER)),
        _named(record),
    )


def text_of(value: Any) -> str:
    """A plain value as text, with its element's text where it has attributes; '' for none."""
    match value:
        case str():
            return encodable(value[:LONGEST]) or ""
        case bool():
            return "true" if value else "false"
        case int() | float():
            return str(value)
        case Mapping():
            return text_of(value.get("#text"))
        case list():
            return (encodable(json.dumps(value)) or "")[:LONGEST]
        case _:
            return ""


def _map(value: Any) -> Record:
    return value if isinstance(value, Mapping) else {}


def _attributes(value: Any) -> Record:
    return _map(_map(value).get("#attributes"))


def _named(data: Record) -> dict[str, str]:
    return {name: text for name, value in data.items() if (text := text_of(value))}


def _first(record: Record, names: Sequence[str]) -> str:
    return next((text for name in names if (text := text_of(record.get(name)))), "")


def _where(record: Record) -> bool:
    return _first(record, (*_CHANNEL, *_PROVIDER)) != ""


def _id(value: Any) -> int:
    text = text_of(value)
    if not (text.isascii() and text.isdigit() and len(text) <= 9):
        raise ValueError("EventID is missing or no number")
    return int(text)


def _record(value: Any) -> int | None:
    text = text_of(value)
    if not (text.isascii() and text.isdigit() and len(text) <= 18):
        return None
    return int(text)


def _host(text: str) -> str:
    if not text:
        raise ValueError("the computer's name is missing")
    return text


def _time(text: str, local: tzinfo) -> int:
    if not text:
        raise ValueError("the time is missing")
    try:
        micros = micros_of_iso_text(text.removesuffix(" UTC"), local)
    except ValueError as error:
        raise ValueError("the time is missing or no time") from error
    if not FIRST <= micros <= LAST:
        raise ValueError("the time is outside the years 1 to 9999")
    return micros
