"""What observers remark on connections that may be, as alerts: one for each thing, and never a flood."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sekisho.audit.causes.words import plural
from sekisho.model.verdicts import SEVERITIES
from sekisho.watch.alerts import Alert, alert_id
from sekisho.watch.base import Remark

APART = 20
"""Things that are told one by one in a round; more are one alert together."""


def unsaid(remarks: Iterable[Remark], told: Callable[[Sequence[str]], Iterable[str]]) -> list[Remark]:
    """Remarks that were never told, the worst first, each once.

    `told` gives those of some ids of alerts that there are already.
    """
    found = {alert_id(remark.key): remark for remark in remarks}
    known = set(told(list(found)))
    left = [remark for name, remark in found.items() if name not in known]
    return sorted(left, key=lambda one: (SEVERITIES.index(one.severity), one.key))


def alerts(remarks: Sequence[Remark], taken_at: datetime, now: datetime) -> list[Alert]:
    """Their alerts, at `now`; `taken_at` is when the records came into the lake (aware UTC)."""
    made = [_alone(one, taken_at, now) for one in remarks[:APART]]
    if rest := together(remarks):
        made.append(_together(rest, now))
    return made


def together(remarks: Sequence[Remark]) -> Sequence[Remark]:
    """Those that are told in one alert."""
    return remarks[APART:]


def _alone(remark: Remark, taken_at: datetime, now: datetime) -> Alert:
    members = remark.members or ((remark.member,) if remark.member else ())
    first = min((one.first_seen for one in members), default=None)
    last = max((one.last_seen for one in members), default=None)
    late = max(timedelta(0), taken_at - last) if last else None
    return _made(
        remark.about or remark.key,
        now,
        kind=remark.kind,
        change=remark.change,
        severity=remark.severity,
        title=remark.title,
        text=remark.text,
        baseline=remark.baseline,
        first_seen=first,
        last_seen=last,
        flows=sum(one.flows for one in members),
        connections=remark.connections,
        established=sum(bool(one.established) for one in members),
        members=members,
        late=late.total_seconds() if late is not None else None,
        labels={"kind": remark.kind} | dict(remark.labels),
    )


def _together(rest: Sequence[Remark], now: datetime) -> Alert:
    """What is more than anybody reads one by one; each round has one such alert."""
    return _made(
        f"many|{rest[0].key}",
        now,
        severity=rest[0].severity,
        title=f"{plural(len(rest), 'connection')} more that are not as they were",
        text="Among them: " + "; ".join(one.title for one in rest[:5]) + ".",
        baseline="; ".join(one.baseline for one in rest[:3]),
        connections=len(rest),
        labels={"kind": "behaviour"},
    )


def _made(key: str, now: datetime, **fields: Any) -> Alert:
    values = {
        "id": key,
        "revision": 1,
        "delivery": "",
        "change": "raised",
        "at": now,
        "status": "open",
        "kind": "behaviour",
        "raised_at": now,
        "first_seen": None,
        "last_seen": None,
    }
    return Alert.model_validate(values | fields)
