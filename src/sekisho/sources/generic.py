"""Flows from columns whose meaning a mapping gives, whatever file they came from."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from sekisho.model.addresses import V4_HI
from sekisho.model.flows import Flag, Orientation, State
from sekisho.sources.base import ReadContext
from sekisho.sources.columns import decimal_micros, each, protocol_numbers, text, times, whole
from sekisho.sources.draft import Draft
from sekisho.sources.mapping import Mapping
from sekisho.sources.orientation import orient
from sekisho.sources.times import zone
from sekisho.sources.volume import LARGEST, header_bytes, scaled, volume

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

_UNKNOWN_STATE = -1


def draft_flows(
    columns: dict[str, Any], mapping: Mapping, rows: Ints, context: ReadContext
) -> tuple[Draft, tuple[str, ...]]:
    """Flows and notes. `columns` has Arrow columns by their names in the file, null where empty."""
    draft = Draft(rows, context)
    count = len(rows)
    local = zone(mapping.timezone or context.timezone)

    def column(role: str) -> Any:
        return columns.get(mapping.column(role))

    def named(role: str) -> Any:
        found = column(role)
        return pa.nulls(count, pa.string()) if found is None else found

    def number(role: str) -> Ints:
        found = column(role)
        if found is None:
            return np.full(count, -1, dtype=np.int64)
        values, bad = whole(found)
        draft.reject(bad, f"{mapping.column(role)} is no whole number")
        return values

    start, no_start = times(named("start"), mapping.time, local)
    draft.times(start, no_start, _end(draft, start, mapping, columns, local))
    draft.address("src", text(named("src")), mapping.column("src"))
    draft.address("dst", text(named("dst")), mapping.column("dst"))
    draft.protocol(protocol_numbers(named("protocol")), mapping.column("protocol"))
    draft.ports(
        _optional_port(number("src_port"), column("src_port")),
        number("dst_port"),
        (mapping.column("src_port"), mapping.column("dst_port")),
    )
    draft.icmp(number("icmp_type"), number("icmp_code"))

    header = header_bytes(draft.columns["protocol"], draft.columns["src_hi"] == V4_HI)
    for way in ("out",) if mapping.one_way else ("out", "in"):
        packets, payload = number(f"packets_{way}"), number(f"payload_{way}")
        missed = np.zeros(count, dtype=np.int64)
        found = volume(payload, number(f"bytes_{way}"), packets, missed, header)
        draft.flag(found.unknown, Flag.BYTES_UNKNOWN)
        low, spread, packets = found.low, found.spread, np.maximum(packets, 0)
        if context.sampling > 1:
            low, spread = scaled(low, spread, packets, context.sampling)
            packets = packets * context.sampling
        draft.columns[f"bytes_{way}"], draft.columns[f"bytes_{way}_spread"] = low, spread
        draft.columns[f"packets_{way}"] = packets
        draft.columns[f"payload_{way}"] = pa.array(payload, mask=payload < 0)
    if context.sampling > 1:
        draft.flags |= int(Flag.SAMPLED)

    notes = _state(draft, mapping, column("state"))
    for name in ("service", "uid"):
        if column(name) is not None:
            draft.columns[name] = text(column(name))
    draft.columns["orientation"] = np.full(count, int(Orientation.STATED), dtype=np.int64)
    if mapping.one_way:
        draft.flags |= int(Flag.ONE_WAY)
        orient(draft)
    return draft, notes


def _end(draft: Draft, start: Ints, mapping: Mapping, columns: dict[str, Any], local: Any) -> Ints:
    """The end; else start and duration (seconds); else the start."""
    end = start
    duration = columns.get(mapping.column("duration"))
    if duration is not None:
        micros, missing = decimal_micros(duration, 6)
        end = start + np.where(missing, 0, np.clip(micros, -(1 << 60), 1 << 60))
    found = columns.get(mapping.column("end"))
    if found is not None:
        given, missing = times(found, mapping.time, local)
        filled = text(found).is_valid().to_numpy(zero_copy_only=False)
        draft.reject(missing & filled, f"{mapping.column('end')} is no time")
        end = np.where(missing, end, given)
    return end


def _optional_port(numbers: Ints, column: Any) -> Ints:
    """The initiator's port says nothing about what was reached: 0 where a source leaves it out."""
    if column is None:
        return np.zeros(len(numbers), dtype=np.int64)
    empty = column.is_null()
    return np.where(_numpy(empty), 0, numbers)


def _numpy(mask: Any) -> Any:
    return mask.to_numpy() if isinstance(mask, pa.ChunkedArray) else mask.to_numpy(zero_copy_only=False)


def _state(draft: Draft, mapping: Mapping, column: Any) -> tuple[str, ...]:
    if column is None:
        return ()
    words = pc.fill_null(text(column), "")
    values, _ = each(words, lambda word: int(mapping.states.get(word.strip().lower(), _UNKNOWN_STATE)))
    strange = values == _UNKNOWN_STATE
    draft.columns["state"] = np.where(strange, int(State.UNKNOWN), values)
    if not strange.any():
        return ()
    seen = pc.unique(words.filter(pa.array(strange))).slice(0, 5).to_pylist()
    shown = ", ".join(repr(word[:40]) for word in seen)
    return (f"state {shown} is not known and taken as unknown; the mapping's states: can name it",)


def sum_up(draft: Draft, which: Bools, total: Ints, sampling: int) -> None:
    """Where a source gives one number of bytes for both directions, each has something between nothing
    and all of it."""
    if not which.any():
        return
    draft.flags[which] &= ~int(Flag.BYTES_UNKNOWN)
    draft.flag(which, Flag.SUMMED)
    for way in ("out", "in"):
        nothing, most = np.zeros(len(draft), dtype=np.int64), np.clip(total, 0, LARGEST)
        if sampling > 1:
            nothing, most = scaled(nothing, most, draft.columns[f"packets_{way}"], sampling)
        for name, value in ((f"bytes_{way}", nothing), (f"bytes_{way}_spread", most)):
            draft.columns[name] = np.where(which, value, draft.columns[name])
