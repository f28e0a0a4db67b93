"""Translations that records log with their flows, as names of the connection (`NameKind.NAT`)."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from sekisho.model import translated
from sekisho.model.addresses import key, keys_from_text
from sekisho.model.flows import TIME, Flag
from sekisho.model.names import SOURCE_NAMES, NameKind
from sekisho.model.protocols import WITH_PORTS
from sekisho.model.translated import Ends
from sekisho.sources.draft import Draft

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

_NONE = tuple(key(address) for address in (IPv4Address(0), IPv6Address(0)))
_LONGEST = 366 * 86_400


class Translations(NamedTuple):
    """Ends of a draft's rows: `src` and `dst` are the hosts' own, `seen_*` what stands for them on the
    gateway's other side. Null, unspecified and without a port (0 or less) is the same as the other."""

    src: Ends
    dst: Ends
    seen_src: Ends
    seen_dst: Ends


def of_draft(draft: Draft, ends: Translations) -> tuple[pa.Table, Ints]:
    """SOURCE_NAMES of the rows that nothing speaks against, and the place of each in the draft.

    Beyond the initiator's side stands what is seen of the initiator, before the responder's side what is
    seen of the responder: of a record that translates both there are two.
    """
    ports = np.isin(draft.columns["protocol"], sorted(WITH_PORTS))
    src, seen_src, src_moved, src_bad = _both(ends.src, ends.seen_src, ports)
    dst, seen_dst, dst_moved, dst_bad = _both(ends.dst, ends.seen_dst, ports)
    usable = draft.sound & ~src_bad & ~dst_bad
    parts, places = [], []
    for moved, first, second in ((dst_moved, src, seen_dst), (src_moved, seen_src, dst)):
        at = np.flatnonzero(usable & moved)
        if len(at):
            parts.append(_names(draft, at, src, dst, first, second))
            places.append(at)
    if not parts:
        return SOURCE_NAMES.empty_table(), np.zeros(0, dtype=np.int64)
    where = np.concatenate(places)
    order = np.argsort(where, kind="stable")
    return pa.concat_tables(parts).take(pa.array(order)), where[order]


def _both(own: Ends, seen: Ends, ports: Bools) -> tuple[Ends, Ends, Bools, Bools]:
    """Own and seen with what one lacks taken from the other, where they differ, and where neither is."""
    hi, lo, none = _keys(own.address)
    seen_hi, seen_lo, seen_none = _keys(seen.address)
    own_text = pc.if_else(pa.array(none), seen.address, own.address)
    seen_text = pc.if_else(pa.array(seen_none), own.address, seen.address)
    port = np.where(ports, np.where(own.port > 0, own.port, seen.port), 0).clip(0)
    seen_port = np.where(ports, np.where(seen.port > 0, seen.port, own.port), 0).clip(0)
    known = ~none & ~seen_none
    moved = known & ((hi != seen_hi) | (lo != seen_lo)) | (port != seen_port)
    bad = (none & seen_none) | (port > 65535) | (seen_port > 65535)
    return Ends(own_text, port), Ends(seen_text, seen_port), moved, bad


def _keys(addresses: Any) -> tuple[Ints, Ints, Bools]:
    hi, lo, bad = keys_from_text(addresses)
    for none in _NONE:
        bad = bad | ((hi == none[0]) & (lo == none[1]))
    return hi, lo, bad


def _names(draft: Draft, at: Ints, src: Ends, dst: Ends, seen_src: Ends, seen_dst: Ends) -> pa.Table:
    def chosen(end: Ends) -> Ends:
        return Ends(pc.utf8_lower(end.address.take(pa.array(at))), end.port[at])

    src, dst = chosen(src), chosen(dst)
    start, end = draft.columns["start"][at], draft.columns["end"][at]
    wrong = draft.flags[at] & int(Flag.IMPOSSIBLE_TIME) != 0
    seconds = np.where(wrong, 0, -((start - end) // 1_000_000)).clip(0, _LONGEST)
    values = translated.told(
        draft.columns["protocol"][at], src, dst, chosen(seen_src), chosen(seen_dst), seconds
    )
    src_hi, src_lo, _ = keys_from_text(src.address)
    dst_hi, dst_lo, _ = keys_from_text(dst.address)
    columns = {
        "time": pa.array(start, pa.int64()).cast(TIME),
        "uid": draft.columns["uid"].take(pa.array(at)),
        "src_hi": src_hi,
        "src_lo": src_lo,
        "dst_hi": dst_hi,
        "dst_lo": dst_lo,
        "dst_port": dst.port.astype(np.int32),
        "kind": pa.array([str(NameKind.NAT)] * len(at), pa.string()),
        "value": values,
        "row": draft.rows[at],
    }
    return pa.table([pa.array(columns[field.name], field.type) for field in SOURCE_NAMES], SOURCE_NAMES)
