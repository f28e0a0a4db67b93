"""The messages of a Cisco ASA that tell of connections, taken apart."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sekisho.model import protocols
from sekisho.model.addresses import keys_from_text
from sekisho.sources.base import ReadContext, Reject
from sekisho.sources.cells import Text
from sekisho.sources.lines import Lines
from sekisho.sources.syslog import heads
from sekisho.sources.times import zone

BUILT = ("302013", "302015")
TEARDOWN = ("302014", "302016")
DENIED = ("106023",)
ACCESS = ("106100",)
MESSAGE = re.compile(rb"%(?:ASA|FTD|PIX|FWSM)-(?:[a-z]+-)?[0-7]-([0-9]{6}):")
_LONGEST = 366 * 86_400
_ANY = r"(?P<head>.*?)%(?:ASA|FTD|PIX|FWSM)-(?:[a-z]+-)?[0-7]-(?P<number>\d{6}): ?(?P<body>.*)$"
_OTHER_CISCO = r"%[A-Z][A-Z0-9_]+-(?:[A-Za-z0-9_]+-)?[0-7]-[A-Z0-9_]+:"


def _end(name: str) -> str:
    """`interface:address/port`, and what may stand in brackets behind: mapped ends, users."""
    mapped = rf"(?: ?\((?P<mapped_{name}>[0-9A-Fa-f:.]+)/(?P<mapped_port_{name}>\d{{1,5}})\))?"
    return rf"[^: ]+:(?P<address_{name}>[^ /()]+)/(?P<port_{name}>\d+){mapped}(?: ?\([^)]*\))*"


_PATTERNS = {
    BUILT: rf"^Built (?P<way>inbound|outbound) (?P<protocol>TCP|UDP) connection (?P<connection>\d+) for"
    rf" {_end('one')} to {_end('other')}",
    TEARDOWN: rf"^Teardown (?P<protocol>TCP|UDP) connection (?P<connection>\d+) for {_end('one')}"
    rf" to {_end('other')} duration (?P<duration>\d+:\d\d:\d\d) bytes (?P<data>\d+)(?: (?P<reason>.*))?",
    DENIED: r"^Deny (?:protocol )?(?P<protocol>[A-Za-z0-9-]+) src [^: ]+:(?P<address_one>[^ /()]+)"
    r"(?:/(?P<port_one>\d+))?(?:\([^)]*\))? dst [^: ]+:(?P<address_other>[^ /()]+)"
    r"(?:/(?P<port_other>\d+))?(?:\([^)]*\))?(?: \(type (?P<kind>\d+), code (?P<code>\d+)\))?",
    ACCESS: r"^access-list [^ ]+ (?P<way>permitted|denied|est-allowed) (?P<protocol>[^ ]+)"
    r" [^ /]+/(?P<address_one>[^ ()]+)\((?P<port_one>\d+)\)(?:\([^)]*\))?"
    r" -> [^ /]+/(?P<address_other>[^ ()]+)\((?P<port_other>\d+)\)(?:\([^)]*\))?"
    r" hit-cnt (?P<hits>\d+) (?:(?P<interval>\d+)-second interval|first hit)",
}  # fmt: skip


class Event(NamedTuple):
    """One message. Times and `interval` are microseconds; ends are (address, port), `mapped_*` what stands
    for them where the device says so."""

    row: int
    number: str
    at: int
    host: str
    one: tuple[str, int]
    other: tuple[str, int]
    protocol: int
    connection: str = ""
    inbound: bool = False
    permitted: bool = False
    duration: int = 0
    data: int = -1
    reason: str = ""
    hits: int = 1
    interval: int = 0
    icmp: int = -1
    mapped_one: tuple[str, int] | None = None
    mapped_other: tuple[str, int] | None = None


@dataclass(slots=True)
class Messages:
    """What one block of lines holds. `ignored` and `rejects` are of the context's first row on."""

    events: list[Event] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)
    ignored: int = 0


def parse(lines: Lines, context: ReadContext) -> Messages:
    """The messages of a block; what is no message of these kinds is counted."""
    made = Messages()
    text = Text.of(lines)
    column = text.lines()
    parts = pc.extract_regex(column, _ANY)
    number = pc.fill_null(parts.field("number"), "")
    rows = np.arange(lines.first, lines.first + lines.count, dtype=np.int64)
    wanted = rows >= context.first_row
    bad: dict[int, str] = {}
    left = np.ones(len(text), dtype=np.bool_)
    for numbers, pattern in _PATTERNS.items():
        mine = _is_in(number, numbers)
        left &= ~mine
        places = np.flatnonzero(mine)
        if len(places):
            made.events += _events(parts, places, pattern, rows, context, bad)
    made.events.sort(key=lambda event: event.row)

    known = pc.fill_null(pc.match_substring_regex(column, _OTHER_CISCO), fill_value=False)
    quiet = text.blank() | known.to_numpy(zero_copy_only=False)
    made.ignored = int((left & quiet & wanted).sum())
    bad |= dict.fromkeys(np.flatnonzero(left & ~quiet).tolist(), "is no message of a Cisco device")
    if bad:
        every = lines.texts()
        made.rejects = [
            Reject.of(int(rows[index]), reason, every[index])
            for index, reason in sorted(bad.items())
            if wanted[index]
        ]
    return made


def _events(
    parts: Any,
    places: Any,
    pattern: str,
    rows: Any,
    context: ReadContext,
    bad: dict[int, str],
) -> Iterator[Event]:
    taken = pa.array(places)
    found = pc.extract_regex(parts.field("body").take(taken), pattern)
    head = heads(parts.field("head").take(taken), zone(context.timezone), context.now)
    names = {found.type.field(index).name for index in range(found.type.num_fields)}
    cells = {name: found.field(name).to_pylist() for name in names}
    wrong = [
        keys_from_text(pc.fill_null(found.field(f"address_{end}"), ""))[2] for end in ("one", "other")
    ]
    numbers = parts.field("number").take(taken).to_pylist()
    hosts = head.host.to_pylist()
    matched = found.is_valid().to_pylist()
    for index, place in enumerate(places.tolist()):
        if not matched[index]:
            bad[place] = f"{numbers[index]} does not read as such a message does"
        elif head.timeless[index]:
            bad[place] = "no time stands before the message"
        elif wrong[0][index] or wrong[1][index]:
            bad[place] = (
                f"{cells['address_one' if wrong[0][index] else 'address_other'][index]} is no address"
            )
        else:
            one = {name: column[index] or "" for name, column in cells.items()}
            try:
                event = _event(
                    one, int(rows[place]), numbers[index], int(head.at[index]), hosts[index] or ""
                )
            except ValueError as error:
                bad[place] = str(error)
            else:
                yield event


def _event(cell: dict[str, str], row: int, number: str, at: int, host: str) -> Event:
    protocol = protocols.number(cell["protocol"])
    ports = [_count(cell[name]) if cell[name] else 0 for name in ("port_one", "port_other")]
    icmp = -1
    if protocol in (protocols.ICMP, protocols.ICMP6):
        kind, code = (
            (cell["kind"], cell["code"]) if "kind" in cell else (cell["port_one"], cell["port_other"])
        )
        if kind and code and int(kind) < 256 and int(code) < 256:
            icmp = int(kind) * 256 + int(code)
        ports = [0, 0]
    if max(ports) > 65535:
        raise ValueError("a port is over 65535")
    hours, minutes, seconds = (cell.get("duration") or "0:0:0").split(":")
    duration = min(_count(hours) * 3600 + int(minutes) * 60 + int(seconds), _LONGEST)
    return Event(
        row,
        number,
        at,
        host,
        (cell["address_one"], ports[0]),
        (cell["address_other"], ports[1]),
        protocol,
        cell.get("connection", ""),
        cell.get("way") == "inbound",
        cell.get("way") in ("permitted", "est-allowed"),
        duration * 1_000_000,
        _count(cell["data"]) if "data" in cell else -1,
        cell.get("reason", ""),
        _count(cell.get("hits") or "1"),
        min(_count(cell.get("interval") or "0"), _LONGEST) * 1_000_000,
        icmp,
        _mapped(cell, "one"),
        _mapped(cell, "other"),
    )


def _mapped(cell: dict[str, str], end: str) -> tuple[str, int] | None:
    address = cell.get(f"mapped_{end}")
    return (address, int(cell[f"mapped_port_{end}"])) if address else None


def _count(digits: str) -> int:
    if len(digits) > 18:
        raise ValueError("a number has more than 18 digits")
    return int(digits)


def _is_in(column: Any, choices: tuple[str, ...]) -> Any:
    return pc.is_in(column, pa.array(choices, pa.string())).to_numpy(zero_copy_only=False)
