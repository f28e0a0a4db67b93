"""From decoded records to flows: ends, times, volume, states, and who opened them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from sekisho.model.addresses import V4_HI, V4_LO_FIRST, text_of
from sekisho.model.flows import Flag, Orientation, State
from sekisho.model.protocols import ICMP, ICMP6, TCP
from sekisho.model.translated import Ends
from sekisho.sources.base import ReadContext
from sekisho.sources.draft import Draft
from sekisho.sources.netflow.chunks import Chunk, Records, merged
from sekisho.sources.netflow.clocks import start_and_end
from sekisho.sources.netflow.datagrams import Ints
from sekisho.sources.netflow.messages import V9
from sekisho.sources.netflow.records import Columns
from sekisho.sources.orientation import orient
from sekisho.sources.translated import Translations
from sekisho.sources.volume import LARGEST, scaled

Bools = npt.NDArray[np.bool_]

FIELDS = (
    "exporter",
    "domain",
    "input",
    "output",
    "vlan",
    "vrf",
    "nat_event",
    "post_nat_src",
    "post_nat_src_port",
    "post_nat_dst",
    "post_nat_dst_port",
)
"""Raw columns that sensors may select by."""
_UNSPECIFIED6 = -(1 << 63)
"""`lo` of `::`, whose `hi` is that of IPv4."""
_WHOLE = 4
"""Columns of two addresses."""
_DROPPED = (128, 192)
"""Forwarding status (RFC 7270, 4.12): from the first to below the second the router dropped it."""
_DENIED, _CREATED, _DELETED = 3, 1, 2
_REVERSE_INITIATOR = 2
_SYN, _RST, _ACK = 2, 4, 16


def drafts(chunks: Iterable[Chunk], context: ReadContext) -> list[tuple[Draft, Records, Ints]]:
    """Flows in the making, with the records they are of and the rows of records that are no flows.

    Records without addresses and records of translations alone are no flows.
    """
    return [_draft(records, context) for records in merged(chunks)]


def _draft(records: Records, context: ReadContext) -> tuple[Draft, Records, Ints]:
    ends, missing = _ends(records.columns, len(records))
    event = records.columns.get("nat_event")
    if event is not None:
        # NAT events (RFC 8158, 4) tell of translations; what flowed is in other records, if anywhere.
        missing = missing | ((event > 0) & (_volume_roles(records.columns) == 0))
    others = records.rows[missing]
    if len(others):
        kept = np.flatnonzero(~missing)
        records = records.taken(kept)
        ends = {name: values[kept] for name, values in ends.items()}
    columns, count = records.columns, len(records)
    draft = Draft(records.rows, context)
    draft.columns |= ends
    start, end = start_and_end(columns, records.export, records.uptime, records.boot)
    draft.times(start, start == 0, end)
    draft.protocol(columns.get("protocol", np.full(count, -1, dtype=np.int64)), "the protocol")
    _ports(draft, columns)
    both = _volumes(draft, records, context)
    _states(draft, columns)
    _directions(draft, columns, both)
    return draft, records, others


def _ends(columns: Columns, count: int) -> tuple[dict[str, Ints], Bools]:
    """Addresses, and where a record has none. A template with both families fills one of them."""
    four, six = (
        {
            f"{side}_{half}": columns[f"{side}{family}_{half}"]
            for side in ("src", "dst")
            for half in ("hi", "lo")
            if f"{side}{family}_{half}" in columns
        }
        for family in (4, 6)
    )
    if len(four) < _WHOLE or len(six) < _WHOLE:
        ends = four if len(four) == _WHOLE else six
    else:
        empty = (four["src_lo"] == V4_LO_FIRST) & (four["dst_lo"] == V4_LO_FIRST)
        by_six = columns["ip_version"] == 6 if "ip_version" in columns else empty
        ends = {name: np.where(by_six, six[name], values) for name, values in four.items()}
    nothing = np.ones(count, dtype=np.bool_)
    for side in ("src", "dst"):
        hi, lo = ends[f"{side}_hi"], ends[f"{side}_lo"]
        nothing &= ((hi == V4_HI) & (lo == V4_LO_FIRST)) | ((hi == V4_HI) & (lo == _UNSPECIFIED6))
    return ends, nothing


def _volume_roles(columns: Columns) -> Any:
    total: Any = 0
    for role in ("bytes", "packets", "bytes_total", "packets_total", "bytes_initiator"):
        if role in columns:
            total = total | columns[role]
    return total


def _port(columns: Columns, side: str, nothing: Ints) -> Any:
    """A template with a field for each transport fills one of them."""
    one, other = columns.get(f"{side}_port"), columns.get(f"{side}_port_udp")
    if one is None or other is None:
        found = other if one is None else one
        return nothing if found is None else found
    return np.where(one == 0, other, one)


def _ports(draft: Draft, columns: Columns) -> None:
    count = len(draft)
    nothing: Ints = np.full(count, -1, dtype=np.int64)
    ports = {side: _port(columns, side, nothing) for side in ("src", "dst")}
    draft.ports(ports["src"], ports["dst"], ("the source's port", "the destination's port"))
    protocol = draft.columns["protocol"]
    is_icmp = (protocol == ICMP) | (protocol == ICMP6)
    if not is_icmp.any():
        return
    # Exporters without a field for it put type and code into the port of the destination.
    kinds = np.maximum(ports["dst"], 0)
    if "icmp" in columns:
        kinds = np.where(columns["icmp"] > 0, columns["icmp"], kinds)
    if "icmp_type" in columns:
        code = columns.get("icmp_code", np.zeros(count, dtype=np.int64))
        kinds = columns["icmp_type"] << 8 | code & 0xFF
    draft.icmp(kinds >> 8, kinds & 0xFF)


def _volumes(draft: Draft, records: Records, context: ReadContext) -> Bools:
    """Bytes and packets each way; where the record speaks of both ways."""
    columns, count = records.columns, len(draft)

    def first(*roles: str) -> Any:
        """The first of the counters that is not 0, so that a total stands in for an empty delta."""
        result: Any = None
        for role in roles:
            if role in columns:
                values = np.minimum(columns[role], LARGEST)
                result = values if result is None else np.where(result == 0, values, result)
        return result

    nothing: Ints = np.zeros(count, dtype=np.int64)
    octets = first("bytes_initiator", "bytes", "bytes_total")
    packets = first("packets_initiator", "packets", "packets_total")
    back = first("bytes_responder", "bytes_reverse", "bytes_total_reverse")
    packets_back = first("packets_responder", "packets_reverse", "packets_total_reverse")
    post, packets_post = first("bytes_post"), first("packets_post")
    if octets is None and packets is None:
        octets, packets = post, packets_post
    elif records.version == V9 and back is None and packets_back is None:
        # v9 calls 23 and 24 OUT_BYTES and OUT_PKTS: beside 1 and 2 they count the other direction.
        back, packets_back = post, packets_post
    unknown = octets is None and packets is None
    by_name = {"out": (octets, packets), "in": (back, packets_back)}
    rate = np.where(records.rate > 0, records.rate, context.sampling)
    sampled = rate > 1
    for way, (size, number) in by_name.items():
        low: Ints = nothing if size is None else size
        held: Ints = nothing if number is None else number
        spread: Ints = nothing
        if sampled.any():
            up, wide = scaled(low, spread, np.maximum(held, low > 0), rate)
            low, spread = np.where(sampled, up, low), np.where(sampled, wide, spread)
            held = np.minimum(held, LARGEST // np.maximum(rate, 1)) * rate
        draft.columns[f"bytes_{way}"], draft.columns[f"bytes_{way}_spread"] = low, spread
        draft.columns[f"packets_{way}"] = held
    draft.flag(sampled, Flag.SAMPLED)
    if unknown:
        draft.flag(np.ones(count, dtype=np.bool_), Flag.BYTES_UNKNOWN)
    both: Bools = (draft.columns["packets_in"] > 0) | (draft.columns["bytes_in"] > 0)
    if _firewall(columns) and back is None:
        # A firewall's one number is of both directions together; how they share it is not said.
        total = draft.columns["bytes_out"]
        for way in ("out", "in"):
            draft.columns[f"bytes_{way}"] = nothing
            draft.columns[f"bytes_{way}_spread"] = total
        draft.flag(total > 0, Flag.SUMMED)
        answered = (total > 0) & (draft.columns["protocol"] == TCP)
        draft.columns["state"] = np.where(answered, int(State.ESTABLISHED), int(State.UNKNOWN))
    return both


def _firewall(columns: Columns) -> bool:
    """Cisco NSEL: records of a firewall's connections, whose source opened them."""
    return "firewall_detail" in columns and "firewall_event" in columns


def _stated(columns: Columns) -> bool:
    """Whether the records say who opened the connection: biflows (RFC 5103, 5) and firewalls'."""
    return (
        any(role.endswith("_reverse") for role in columns)
        or "bytes_responder" in columns
        or "packets_responder" in columns
        or _firewall(columns)
    )


def _states(draft: Draft, columns: Columns) -> None:
    denied = np.zeros(len(draft), dtype=np.bool_)
    if "forwarding" in columns:
        status = columns["forwarding"]
        denied |= (status >= _DROPPED[0]) & (status < _DROPPED[1])
    if "firewall_event" in columns:
        denied |= columns["firewall_event"] == _DENIED
    draft.columns["state"] = np.where(denied, int(State.DENIED), draft.columns["state"])


def _directions(draft: Draft, columns: Columns, both: Bools) -> None:
    stated = _stated(columns)
    flags = columns.get("tcp_flags")
    if flags is not None:
        tcp = draft.columns["protocol"] == TCP
        syn, ack = tcp & ((flags & _SYN) != 0), (flags & _ACK) != 0
        back = columns.get("tcp_flags_reverse", flags)
        draft.flag(tcp & (((flags | back) & _RST) != 0), Flag.RESET)
        if not stated:
            draft.flag(syn & ~ack, Flag.SYN_ONLY)
            draft.flag(syn & ack, Flag.SYN_ACK)
    if not stated:
        draft.flag(~both, Flag.ONE_WAY)
        orient(draft)
        return
    draft.columns["orientation"] = np.full(len(draft), int(Orientation.STATED), dtype=np.int64)
    if "biflow_direction" in columns:
        draft.exchange(columns["biflow_direction"] == _REVERSE_INITIATOR)


def raw_fields(records: Records, wanted: frozenset[str]) -> pa.Table:
    """The raw columns asked for, as text; null where there is none."""
    columns: dict[str, Any] = {}
    for name in sorted(wanted):
        if name in ("exporter", "domain"):
            said = [str(getattr(session, name)) for session in records.sessions]
            columns[name] = pa.array(said, pa.string()).take(pa.array(records.source))
        elif name in ("post_nat_src", "post_nat_dst"):
            columns[name] = _addresses(records.columns, name, len(records))
        elif name in FIELDS and name in records.columns:
            columns[name] = pa.array(records.columns[name]).cast(pa.string())
        else:
            columns[name] = pa.nulls(len(records), pa.string())
    return pa.table(columns)


def translations(records: Records, draft: Draft) -> Translations | None:
    """What records tell of translated ends; None where their template has no field for any.

    A record is of packets before the gateway's work (RFC 8158, 4): what their source becomes stands for
    it beyond, what their destination becomes is whom it stands for. So it is with a firewall's (NSEL), whose
    fields the Cisco ASA NetFlow Implementation Guide calls "Post NAT": of a forwarded port 12 is the address
    that the client asked for, 226 the server that it was given to.

    Where there is a record for each way, that of whoever opened the connection is taken: of a reply some
    exporters give the address that it came to and the one it went on to (MikroTik), others the same two the
    other way round (FortiOS), and both are in the record that it answers.
    """
    columns, count = records.columns, len(records)
    if not any(role.startswith("post_nat_") for role in columns):
        return None
    nobody = Ends(pa.nulls(count, pa.string()), np.full(count, -1, dtype=np.int64))

    def logged(side: str) -> Ends:
        hi, lo = draft.columns[f"{side}_hi"].tolist(), draft.columns[f"{side}_lo"].tolist()
        texts = [text_of(a, b) for a, b in zip(hi, lo, strict=True)]
        return Ends(pa.array(texts, pa.string()), draft.columns[f"{side}_port"])

    def post(side: str) -> Ends:
        port = columns.get(f"post_nat_{side}_port", nobody.port)
        return Ends(_addresses(columns, f"post_nat_{side}", count), port)

    src, dst = logged("src"), logged("dst")
    turned = draft.flags & int(Flag.REVERSED) != 0
    reply = np.zeros_like(turned) if _stated(columns) else turned
    if turned.any():
        src, dst = _exchanged(src, dst, turned)
    seen_src, own_dst = (_without(post(side), reply) for side in ("src", "dst"))
    if not turned.any():
        return Translations(src, own_dst, seen_src, dst)
    # The draft has them the other way round, and so is whom they are of.
    own = _exchanged(src, own_dst, turned)
    seen = _exchanged(seen_src, dst, turned)
    return Translations(own[0], own[1], seen[0], seen[1])


def _without(ends: Ends, where: Bools) -> Ends:
    if not where.any():
        return ends
    nothing = pa.scalar(None, pa.string())
    return Ends(pc.if_else(pa.array(where), nothing, ends.address), np.where(where, -1, ends.port))


def _exchanged(one: Ends, other: Ends, where: Bools) -> tuple[Ends, Ends]:
    mask = pa.array(where)
    return (
        Ends(pc.if_else(mask, other.address, one.address), np.where(where, other.port, one.port)),
        Ends(pc.if_else(mask, one.address, other.address), np.where(where, one.port, other.port)),
    )


def _addresses(columns: Columns, name: str, count: int) -> Any:
    for family in (4, 6):
        if f"{name}{family}_hi" in columns:
            hi, lo = (columns[f"{name}{family}_{half}"].tolist() for half in ("hi", "lo"))
            return pa.array([text_of(a, b) for a, b in zip(hi, lo, strict=True)], pa.string())
    return pa.nulls(count, pa.string())
