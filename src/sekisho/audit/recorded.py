"""Connections of which no flow is on record, but something else is: a name that was asked for in them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sekisho.audit.evidence import KEYS, Key
from sekisho.audit.marks import Mark, Record
from sekisho.audit.scope import Scope
from sekisho.audit.sight import View
from sekisho.inventory.register import Inventory
from sekisho.model import protocols
from sekisho.model.addresses import address_of
from sekisho.model.names import NameKind
from sekisho.model.verdicts import Rank
from sekisho.policy.compile import CompiledPolicy

NAME_SERVICE = 53
_LOOKED_UP = (NameKind.DNS_QUERY, NameKind.DNS_ANSWER)
_NOTHING = (
    "flows",
    "established",
    "bytes_out",
    "bytes_out_spread",
    "bytes_in",
    "bytes_in_spread",
    "flags",
)


def named_in(row: Mapping[str, Any]) -> Key | None:
    """The connection that a sighting was in; None where its record names no ends or no port. Names are asked
    for by UDP, where nothing says otherwise; all else is seen in TCP."""
    if row["src_hi"] is None or row["dst_hi"] is None:
        return None
    asked = row["kind"] in _LOOKED_UP
    port = row["dst_port"] if row["dst_port"] is not None else NAME_SERVICE if asked else None
    if port is None:
        return None
    ends = (row[name] for name in ("src_realm", "src_hi", "src_lo", "dst_realm", "dst_hi", "dst_lo"))
    return (*ends, protocols.UDP if asked else protocols.TCP, port)


def without_flows(
    marked: Mapping[Key, Sequence[Mark]],
    measured: Iterable[Key],
    inventory: Inventory,
    compiled: CompiledPolicy,
    asked: Scope,
) -> tuple[list[dict[str, Any]], dict[Key, list[View]]]:
    """Rows as the store gives them of connections with flows, and views, of those that have none. They have no
    classes: no nearest rule is looked for where nothing was judged.

    A connection that no rule allows is `attempted`: nothing shows that it was established.
    """
    rows: list[dict[str, Any]] = []
    views: dict[Key, list[View]] = {}
    known = set(measured)
    for key, marks in marked.items():
        records = [mark.record for mark in marks if mark.record is not None]
        if key in known or not records:
            continue
        row = _row(key, records)
        ends = [
            (row[f"{end}_realm"], address_of(row[f"{end}_hi"], row[f"{end}_lo"]))
            for end in ("src", "dst")
        ]
        at = row["judged_at"]
        if not asked.holds(*(inventory.place(*end, at).site for end in ends)):
            continue
        src, dst = ends
        verdict = compiled.verdict(src, dst, row["protocol"], row["port"], at)
        row["rank"] = int(min(verdict, Rank.ATTEMPTED))
        rows.append(row)
        views[key] = [
            View(sensor, 0, 0, row["first_seen"], row["last_seen"], None)
            for sensor in sorted({name for one in records for name in one.sensors})
        ]
    return rows, views


def _row(key: Key, records: Sequence[Record]) -> dict[str, Any]:
    first = min(one.first for one in records)
    return {
        **dict(zip(KEYS, key, strict=True)),
        **dict.fromkeys(_NOTHING, 0),
        "first_seen": first,
        "last_seen": max(one.last for one in records),
        "first_established": None,
        "payload_out": None,
        "payload_in": None,
        "judged_at": first,
        "days_active": max(one.days for one in records),
    }
