"""Deadlines as iCalendar (RFC 5545): one event for each clock that has one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from sekisho import __version__
from sekisho.model.notices import NO_ADVICE, Clock, ClocksDocument

SHOWN = frozenset({"running", "due_soon", "late", "needs_decision"})


def icalendar(document: ClocksDocument) -> str:
    """Every open clock with a deadline as an event at that time; lines end with CR LF."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", f"PRODID:-//Sekisho//{__version__}//EN"]
    for clock in document.clocks:
        if clock.state in SHOWN and clock.due is not None and clock.delivered is None:
            lines += _event(document, clock, clock.due)
    lines.append("END:VCALENDAR")
    return "".join(part for line in lines for part in _folded(line))


def _event(document: ClocksDocument, clock: Clock, due: datetime) -> Iterator[str]:
    sure = "" if clock.state != "needs_decision" else " (if it applies)"
    says = f"{clock.why}. To: {', '.join(clock.to)}. {clock.local} {clock.zone}. {NO_ADVICE}"
    yield "BEGIN:VEVENT"
    yield f"UID:{document.incident}-{clock.obligation}-{clock.stage}@sekisho"
    yield f"DTSTAMP:{document.at:%Y%m%dT%H%M%SZ}"
    yield f"DTSTART:{due:%Y%m%dT%H%M%SZ}"
    yield f"DTEND:{due:%Y%m%dT%H%M%SZ}"
    yield f"SUMMARY:{_text(f'{document.incident}: {clock.title}, {clock.stage}{sure}')}"
    yield f"DESCRIPTION:{_text(says)}"
    yield "TRANSP:TRANSPARENT"
    yield "BEGIN:VALARM"
    yield "ACTION:DISPLAY"
    yield f"DESCRIPTION:{_text(clock.title)}"
    yield "TRIGGER:-PT6H"
    yield "END:VALARM"
    yield "END:VEVENT"


def _text(value: str) -> str:
    """Text with what has a meaning of its own escaped (3.3.11); control characters become spaces."""
    plain = "".join(c if c >= " " or c == "\n" else " " for c in value.replace("\r", ""))
    for mark in ("\\", ";", ","):
        plain = plain.replace(mark, f"\\{mark}")
    return plain.replace("\n", "\\n")


def _folded(line: str) -> Iterator[str]:
    """At most 75 octets a line, never cutting a character (3.1)."""
    part = ""
    room = 75
    for character in line:
        size = len(character.encode())
        if size > room:
            yield f"{part}\r\n"
            part, room = " ", 74
        part += character
        room -= size
    yield f"{part}\r\n"
