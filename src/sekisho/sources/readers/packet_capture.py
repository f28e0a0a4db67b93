"""Exports of flows in a packet capture: NetFlow v5, v9, IPFIX and sFlow v5 in pcap and pcapng.

A capture of other traffic holds no flows that a sensor recorded: its packets are counted and not read. A
row is a packet, as Wireshark counts them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import BinaryIO

from sekisho.sources.base import Batch, RawMapping, ReadContext, Reject, no_flows
from sekisho.sources.captures.exports import CaptureReading, is_capture, netflow_of
from sekisho.sources.netflow.reading import Reading
from sekisho.sources.sflow.flows import SflowReading

NO_EXPORTS = "no packet of this capture is a NetFlow, IPFIX or sFlow datagram"


class PacketCapture:
    """pcap and pcapng with flow exports."""

    name = "packet-capture"
    family = "netflow"
    one_way = True

    def detect(self, head: bytes, mapping: RawMapping | None = None) -> int:
        """By the magic number of either format."""
        return 80 if is_capture(head) else 0

    def read(self, stream: BinaryIO, context: ReadContext) -> Iterator[Batch]:
        """See Reader.read."""
        capture, netflow, sflow = CaptureReading(), Reading(context), SflowReading(context)
        row, exports, first = 0, 0, context.first_row
        for piece in capture.pieces(stream):
            if isinstance(piece, Reject):
                if piece.row >= first:
                    row = max(row, piece.row)
                    yield Batch(no_flows(), (piece,), piece.row)
                continue
            row = piece.last_row
            exports += len(piece.netflow) + len(piece.sflow)
            batch = netflow.batch(piece.netflow)
            others = int((piece.others >= first).sum())
            yield replace(batch, last_row=row, ignored=batch.ignored + others)
            if len(piece.sflow):
                batch = sflow.batch(piece.sflow)
                netflow.also(batch.flows)
                yield replace(batch, last_row=row)
        if row and not exports and row >= first:
            yield Batch(no_flows(), (Reject(row, NO_EXPORTS),), row)
        yield from netflow.rest(netflow_of, row)
        notes = [*netflow.notes(), *sflow.notes()]
        if lost := capture.fragments_given_up():
            notes.append(f"{lost} fragmented packets are not whole in this capture and were not read")
        yield Batch(no_flows(), (), row, netflow.spans().spans(), notes=tuple(notes))
