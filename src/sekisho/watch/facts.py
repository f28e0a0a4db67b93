"""An alert as named lines, for the sinks that show it to a person."""

from __future__ import annotations

from datetime import UTC, datetime

from sekisho.model.findings import End
from sekisho.model.sizes import size
from sekisho.watch.alerts import Alert, Member

SHOWN = 10
"""Connections that a chat or a mail names; the rest are counted."""
_CHANGE = {
    "raised": "new",
    "escalated": "more severe, or an attempt that succeeded",
    "grown": "more connections",
    "amended": "opened by the other end, or another host's",
    "withdrawn": "withdrawn: it is no violation",
    "changed": "not any more what was acknowledged",
    "resumed": "went on past the end of a snooze or maintenance window",
    "returned": "back after a long silence",
    "cleared": "cleared",
}


def facts(alert: Alert) -> tuple[tuple[str, str], ...]:
    """(name, value) in the order of their use; values are text as it came, not escaped for anything."""
    found = [("What is new", _CHANGE[alert.change])]
    found += [("Connection", member_line(member)) for member in alert.members[:SHOWN]]
    if (more := alert.connections - len(alert.members[:SHOWN])) > 0:
        found.append(("And", f"{more:,} more connection{'' if more == 1 else 's'}"))
    if alert.first_seen:
        seen = when(alert.first_seen)
        last = alert.last_seen
        found.append(("Seen", f"{seen} to {when(last)}" if last and last != alert.first_seen else seen))
    if alert.flows:
        found.append(("Flows", f"{alert.flows:,}, of which {alert.established:,} established"))
    if alert.baseline:
        found.append(("Usual", alert.baseline))
    if alert.provisional:
        found.append(("Direction", "provisional: ports decided who opened it"))
    if alert.late:
        found.append(("Late", f"the last record came {alert.late:,.0f} s after its end"))
    if alert.muting:
        until = f" until {when(alert.muting.until)}" if alert.muting.until else ""
        found.append(("Muted", f"{alert.muting.by} by {alert.muting.who}{until}: {alert.muting.why}"))
    return tuple(found)


def member_line(member: Member) -> str:
    """One connection on one line: ends, service, verdict, how much, and the finding's id."""
    text = f"{end_text(member.src)} → {end_text(member.dst)}, {service(member)}: {member.verdict}"
    if member.bytes_out or member.bytes_in:
        text += f", {size(member.bytes_out)} out, {size(member.bytes_in)} in"
    if rule := member.nearest_rule:
        text += f"; nearest rule {rule.id}: {rule.why_not}"
    return f"{text} [{member.finding}]"


def end_text(end: End) -> str:
    """`fs01 10.40.2.5 (th-plant)`, as much of it as is known."""
    address = f"{end.realm}:{end.address}" if end.realm else end.address
    return " ".join(filter(None, (end.asset, address, f"({end.site})" if end.site else "")))


def service(member: Member) -> str:
    """`smb (tcp/445)`, or the port alone where the service is named by it."""
    port = f"{member.protocol}/{member.port}" if member.port else member.protocol
    return port if member.service in (port, "") else f"{member.service} ({port})"


def when(at: datetime) -> str:
    """`2020-06-11 01:02:03 UTC`."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
