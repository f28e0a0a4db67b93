"""A finding taken apart: the records behind it, the rules that spoke of it, who was looking."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Literal

import pyarrow as pa
from pydantic import Field

from sekisho.audit.evidence import KEYS, days_text
from sekisho.inventory.register import Inventory
from sekisho.model import protocols
from sekisho.model.addresses import key, parse_address, text_of
from sekisho.model.findings import Bytes, CoverageItem, Document, Finding, Time
from sekisho.model.flows import Flag, Orientation, State
from sekisho.model.names import NameKind
from sekisho.policy.compile import CompiledPolicy
from sekisho.policy.explain import Trace, trace
from sekisho.store.lake import Lake

AROUND = timedelta(days=3)
"""Coverage is shown from so long before the onset until so long after."""
_WORDS: dict[int, str] = {
    Flag.IMPOSSIBLE_TIME: "impossible times",
    Flag.LOSS: "the sensor lost packets",
    Flag.SAMPLED: "sampled",
    Flag.BYTES_UNKNOWN: "no volume given",
    Flag.ONE_WAY: "one direction",
    Flag.REVERSED: "turned round",
    Flag.MIDSTREAM: "its beginning was not seen",
    Flag.FUTURE: "starts in the future",
    Flag.OPEN: "logged while open",
    Flag.RESET: "reset",
    Flag.SUMMED: "one count for both directions",
}

_KINDS = tuple(NameKind)
"""In the order in which they are shown."""


class FlowRecord(Document):
    """One record as its sensor wrote it, oriented initiator first; `row` is its line in `file`."""

    start: Time
    end: Time
    sensor: str
    src: str
    src_port: int
    dst: str
    dst_port: int
    protocol: str
    state: str
    bytes_out: Bytes
    bytes_in: Bytes
    packets_out: int
    packets_in: int
    orientation: int
    notes: tuple[str, ...]
    service: str | None
    uid: str | None
    file: str
    sha256: str
    row: int


class NameRecord(Document):
    """A name, hash or fingerprint seen in the connection's flows; `file` and `row` say where first."""

    kind: str
    value: str
    times: int
    first: Time
    last: Time
    sensors: tuple[str, ...]
    file: str
    sha256: str
    row: int


class Explanation(Document):
    """`sekisho explain FINDING`."""

    schema_: Literal["sekisho.explanation/1"] = Field(default="sekisho.explanation/1", alias="schema")
    finding: Finding
    trace: Trace
    records: int
    flows: tuple[FlowRecord, ...]
    coverage: tuple[CoverageItem, ...]
    names: tuple[NameRecord, ...] = ()
    names_total: int = 0
    notes: tuple[str, ...] = ()


def explain(
    lake: Lake,
    inventory: Inventory,
    compiled: CompiledPolicy,
    finding: Finding,
    *,
    coverage: Iterable[CoverageItem],
    limit: int,
) -> Explanation:
    """Everything behind a finding, with at most `limit` of its records, the earliest first, and at most
    `limit` names that were seen in it, of every kind the most frequent first.

    Records are all that the lake has of the connection, those that a rule permitted included.
    """
    evidence = lake.flows_of(_key(finding), limit=limit)
    flows = tuple(_record(row) for row in evidence.flows.to_pylist())
    seen = lake.names_seen(_key(finding), limit=limit)
    names = tuple(sorted(map(_name, seen.rows.to_pylist()), key=_by_kind))
    notes = []
    if evidence.total > len(flows):
        notes.append(f"{len(flows)} of {evidence.total} records are shown; --limit shows more")
    if seen.total > len(names):
        notes.append(f"{len(names)} of {seen.total} names are shown; --limit shows more")
    damage = len(evidence.damage) + len(seen.damage)
    if damage:
        notes.append(f"{damage} damaged files of the lake could not be asked")
    if evidence.pruned:
        days = days_text(evidence.pruned)
        notes.append(f"raw flows of {days} were pruned: records of that time are gone, roll-ups stay")
    return Explanation(
        finding=finding,
        trace=_trace(compiled, finding),
        records=evidence.total,
        flows=flows,
        coverage=tuple(_around(coverage, finding, inventory)),
        names=names,
        names_total=seen.total,
        notes=tuple(notes),
    )


def _key(finding: Finding) -> pa.Table:
    row: dict[str, Any] = {
        "protocol": protocols.number(finding.protocol),
        "port": finding.port,
    }
    for name, end in (("src", finding.src), ("dst", finding.dst)):
        row[f"{name}_realm"] = end.realm or ""
        row[f"{name}_hi"], row[f"{name}_lo"] = key(parse_address(end.address))
    return pa.table({name: [row[name]] for name in KEYS})


def _trace(compiled: CompiledPolicy, finding: Finding) -> Trace:
    return trace(
        compiled,
        (finding.src.realm or "", parse_address(finding.src.address)),
        (finding.dst.realm or "", parse_address(finding.dst.address)),
        protocols.number(finding.protocol),
        finding.port,
        finding.onset.at,
    )


def _record(row: Mapping[str, Any]) -> FlowRecord:
    return FlowRecord(
        start=row["start"],
        end=row["end"],
        sensor=row["sensor"],
        src=text_of(row["src_hi"], row["src_lo"]),
        src_port=row["src_port"],
        dst=text_of(row["dst_hi"], row["dst_lo"]),
        dst_port=row["dst_port"],
        protocol=protocols.name(row["protocol"]),
        state=State(row["state"]).name.lower(),
        bytes_out=_range(row, "bytes_out"),
        bytes_in=_range(row, "bytes_in"),
        packets_out=row["packets_out"],
        packets_in=row["packets_in"],
        orientation=Orientation(row["orientation"]),
        notes=tuple(words for flag, words in _WORDS.items() if row["flags"] & flag),
        service=row["service"],
        uid=row["uid"],
        file=row["path"],
        sha256=row["sha256"],
        row=row["row"],
    )


def _name(row: Mapping[str, Any]) -> NameRecord:
    return NameRecord(
        kind=row["kind"],
        value=row["value"],
        times=row["times"],
        first=row["first"],
        last=row["last"],
        sensors=tuple(row["sensors"]),
        file=row["path"],
        sha256=row["sha256"],
        row=row["row"],
    )


def _by_kind(name: NameRecord) -> tuple[int, int, str]:
    return _KINDS.index(NameKind(name.kind)), -name.times, name.value


def _range(row: Mapping[str, Any], name: str) -> Bytes:
    return Bytes(low=row[name], high=row[name] + row[f"{name}_spread"])


def _around(
    coverage: Iterable[CoverageItem], finding: Finding, inventory: Inventory
) -> Iterable[CoverageItem]:
    """Coverage near the onset, of the sensors of both sites and those that recorded it."""
    begin, end = finding.onset.at - AROUND, finding.onset.at + AROUND
    sites = {finding.src.site, finding.dst.site} - {None}
    near = {name for name, sensor in inventory.sensors.items() if sensor.site in sites}
    for item in coverage:
        if item.sensor in near | set(finding.sensors) and _overlap(item, begin, end):
            yield item


def _overlap(item: CoverageItem, begin: datetime, end: datetime) -> bool:
    return item.begin < end and item.end > begin
