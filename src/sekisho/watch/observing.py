"""What observers say of connections that may be, as alerts: one for each thing, and never a flood."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from sekisho.audit.causes.words import name, plural
from sekisho.audit.evidence import KEYS, key_of, rows_of
from sekisho.audit.marks import Mark, by_connection
from sekisho.model.addresses import address_of
from sekisho.model.services import service_label
from sekisho.model.verdicts import SEVERITIES
from sekisho.store.arrivals import Arrivals
from sekisho.store.shapes import CONNECTIONS
from sekisho.watch.alerts import Alert, Member, alert_id
from sekisho.watch.connections import Key, finding_of, fresh
from sekisho.watch.describing import Describer

APART = 20
"""Things that are told one by one in a round; more are one alert together."""
AGAIN = "It is no violation, but not as it was."


@dataclass(frozen=True, slots=True)
class Remark:
    """A mark that was not told before, and its connection as it arrived, where it did."""

    key: str
    mark: Mark
    member: Member | None


def fresh_marks(
    marks: Iterable[Mark], told: Callable[[Sequence[str]], Iterable[str]]
) -> list[tuple[str, Mark]]:
    """Marks that were never told, the worst first, each with the key of its alert.

    `told` gives those of some ids of alerts that there are already.
    """
    found = {
        f"{mark.kind}|{mark.check.id}|{finding_of(mark.key)}": mark
        for some in by_connection(marks).values()
        for mark in some
    }
    known = set(told([alert_id(key) for key in found]))
    left = [(key, mark) for key, mark in found.items() if alert_id(key) not in known]
    return sorted(left, key=lambda one: (SEVERITIES.index(one[1].severity), one[0]))


def alerts(
    marks: Sequence[tuple[str, Mark]], arrivals: Arrivals, describer: Describer, now: datetime
) -> list[Alert]:
    """The alerts of marks that were not told before."""
    members = _members([mark.key for _, mark in marks], arrivals.table, describer)
    remarks = [Remark(key, mark, members.get(mark.key)) for key, mark in marks]
    made = [_alone(one, arrivals, now) for one in remarks[:APART]]
    if len(remarks) > APART:
        made.append(_together(remarks[APART:], now))
    return made


def _alone(remark: Remark, arrivals: Arrivals, now: datetime) -> Alert:
    mark, member = remark.mark, remark.member
    late = max(timedelta(0), arrivals.taken.at - member.last_seen) if member else None
    labels = {"kind": "behaviour", "check": mark.check.id}
    if member:
        ends = {"src_site": member.src.site, "dst_site": member.dst.site, "service": member.service}
        ends |= {"src": member.src.address, "dst": member.dst.address}
        labels |= {word: value for word, value in ends.items() if value}
    return _made(
        remark.key,
        now,
        severity=mark.severity,
        title=f"{mark.check.id.replace('_', ' ')}: {_what(remark)}",
        text=AGAIN,
        baseline=mark.check.text,
        first_seen=mark.since or (member.first_seen if member else None),
        last_seen=mark.until or (member.last_seen if member else None),
        flows=member.flows if member else 0,
        connections=1,
        established=int(bool(member and member.established)),
        members=(member,) if member else (),
        late=late.total_seconds() if late is not None else None,
        labels=labels,
    )


def _together(rest: Sequence[Remark], now: datetime) -> Alert:
    """What is more than anybody reads one by one. Each day has one such alert for what it is about."""
    checks = sorted({one.mark.check.id for one in rest})
    members = tuple(one.member for one in rest if one.member)[:APART]
    return _made(
        f"many|{'|'.join(checks)}|{now:%Y-%m-%d}",
        now,
        severity=rest[0].mark.severity,
        title=f"{plural(len(rest), 'connection')} more that are not as they were",
        text=f"{AGAIN} `sekisho audit` lists them.",
        baseline="; ".join(one.mark.check.text for one in rest[:3]),
        connections=len(rest),
        members=members,
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


def _what(remark: Remark) -> str:
    key, member = remark.mark.key, remark.member
    if member is not None:
        return f"{name(member.src)} -> {name(member.dst)} : {member.service}"
    src, dst = address_of(key[1], key[2]), address_of(key[4], key[5])
    return f"{src} -> {dst} : {service_label(key[6], key[7])}"


def _members(keys: Sequence[Key], arrived: pa.Table, describer: Describer) -> Mapping[Key, Member]:
    """Connections of the arrivals, as far as they are among them."""
    wanted = pa.Table.from_pylist(
        [dict(zip(KEYS, key, strict=True)) for key in dict.fromkeys(keys)], schema=CONNECTIONS
    )
    if not wanted.num_rows:
        return {}
    near = arrived.filter(pc.is_in(arrived["src_lo"], pc.unique(wanted["src_lo"])))
    asked = set(keys)
    found: dict[Key, Any] = {}
    for row in rows_of(near):
        key = key_of(row)
        if key in asked:
            src = key[0], address_of(key[1], key[2])
            dst = key[3], address_of(key[4], key[5])
            verdict = describer.policy.verdict(src, dst, key[6], key[7], row["first"])
            found.setdefault(key, fresh(key, row)).absorb(row | {"decided": int(verdict)})
    return {key: describer.member(connection) for key, connection in found.items()}
