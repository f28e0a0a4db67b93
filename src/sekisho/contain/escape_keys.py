"""Names of what is told of connections that escaped a plan: without what looks for them, which takes long to
load and is not needed to cut a link."""

from __future__ import annotations

from datetime import datetime

from sekisho.store.base import microseconds


def alert_key(plan: str, since: datetime) -> str:
    """What names the alert of what escaped a plan: applied anew after a rollback it is another thing."""
    return f"contain|escaped|{plan}|{microseconds(since)}"


def told_keys(key: str, count: int) -> list[str]:
    """What is told once of such an alert: that so many connections escaped, at each doubling up to `count`."""
    return [f"{key}|{bits}" for bits in range(1, count.bit_length() + 1)]
