"""An alert as one line of CEF, every value escaped as its place asks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from ipaddress import ip_address

from sekisho import __version__
from sekisho.watch.alerts import Alert, Member
from sekisho.watch.wording import cut, lines, one_line

_SEVERITY = {"critical": 10, "high": 8, "medium": 6, "low": 3, "info": 1}
_NAME = 512
_MESSAGE = 1023
"""CEF's own limits of `Name` and `msg`."""
_STRING = 400


def line(alert: Alert, limit: int) -> str:
    """`CEF:0|…` in at most `limit` octets where that is a few hundred or more: the message is cut."""
    title = in_header(one_line(alert.title, _NAME))
    severity = _SEVERITY[alert.severity]
    prefix = (
        f"CEF:0|Sekisho|Sekisho|{in_header(__version__)}|{in_header(alert.kind)}|{title}|{severity}|"
    )
    pairs = [(key, in_extension(one_line(value, _STRING))) for key, value in _extension(alert) if value]
    made, size = prefix, len(prefix.encode())
    for key, value in pairs:
        piece = f"{key}={value}" if made is prefix else f" {key}={value}"
        if size + len(piece.encode()) <= limit:
            made, size = made + piece, size + len(piece.encode())
    if text := _fitting(lines(alert.text, _MESSAGE), limit - size - len(" msg=")):
        made += f" msg={text}"
    return made


def in_header(text: str) -> str:
    """A field of the prefix: backslash and pipe escaped, line breaks not allowed."""
    return one_line(text, _NAME).replace("\\", "\\\\").replace("|", "\\|")


def in_extension(text: str) -> str:
    """A value: backslash, equals sign and line breaks escaped; a pipe is not."""
    escaped = text.replace("\\", "\\\\").replace("=", "\\=")
    return escaped.replace("\r", "\\r").replace("\n", "\\n")


def _fitting(text: str, room: int) -> str:
    """As much of a text as its escaped form has room for: cut first, so that no escape is halved."""
    if len(in_extension(text).encode()) <= room:
        return in_extension(text)
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        fits = len(in_extension(cut(text, middle)).encode()) <= room
        low, high = (middle, high) if fits else (low, middle - 1)
    return in_extension(cut(text, low)) if low else ""


def _extension(alert: Alert) -> Iterator[tuple[str, str]]:
    members = alert.members
    whole = bool(members) and alert.connections <= len(members)
    yield "externalId", alert.delivery
    yield "act", alert.change
    yield "cat", alert.labels.get("verdict", alert.kind)
    yield "rt", _milliseconds(alert.at)
    if alert.first_seen:
        yield "start", _milliseconds(alert.first_seen)
    if alert.last_seen:
        yield "end", _milliseconds(alert.last_seen)
    yield "cnt", str(alert.flows) if alert.flows else ""
    if whole:
        yield from _address(
            "src", "c6a2", "Source IPv6 Address", _shared(alert, lambda m: m.src.address)
        )
        yield from _address(
            "dst", "c6a3", "Destination IPv6 Address", _shared(alert, lambda m: m.dst.address)
        )
        yield "shost", _shared(alert, lambda m: m.src.asset or "")
        yield "dhost", _shared(alert, lambda m: m.dst.asset or "")
        yield "dpt", _shared(alert, lambda m: str(m.port) if m.port else "")
        yield "proto", _shared(alert, lambda m: m.protocol.upper())
        yield "app", _shared(alert, lambda m: m.service)
        yield "out", str(sum(member.bytes_out for member in members))
        yield "in", str(sum(member.bytes_in for member in members))
    yield from _custom("cn1", "Connections", str(alert.connections) if alert.connections else "")
    yield from _custom("cs1", "Source site", alert.labels.get("src_site", ""))
    yield from _custom("cs2", "Destination site", alert.labels.get("dst_site", ""))
    yield from _custom("cs3", "Findings", " ".join(member.finding for member in members))
    yield from _custom("cs4", "Nearest rule", alert.labels.get("rule", ""))
    yield from _custom("cs5", "Usual", alert.baseline or "")
    yield from _custom("cs6", "Alert", alert.id)


def _custom(key: str, label: str, value: str) -> Iterator[tuple[str, str]]:
    if value:
        yield f"{key}Label", label
        yield key, value


def _address(key: str, key6: str, label6: str, text: str) -> Iterator[tuple[str, str]]:
    """`src` and `dst` hold IPv4 alone in this version of CEF; IPv6 has keys of its own."""
    if text and ip_address(text).version == 6:
        yield from _custom(key6, label6, text)
    else:
        yield key, text


def _shared(alert: Alert, value: Callable[[Member], str]) -> str:
    values = {value(member) for member in alert.members}
    return values.pop() if len(values) == 1 else ""


def _milliseconds(at: datetime) -> str:
    return str(int(at.timestamp() * 1000))
