"""NetFlow v5, v9 and IPFIX as datagrams one behind the other in a file, without a capture around them.

Collectors and test sets keep exports so, and an IPFIX file (RFC 5655) is one too. A row is a datagram.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from sekisho.sources.base import Batch, RawMapping, ReadContext
from sekisho.sources.netflow.payloads import looks_like_exports, payload_pieces
from sekisho.sources.netflow.reading import read_pieces


class NetflowPayload:
    """Export datagrams of one exporter."""

    name = "netflow-payload"
    family = "netflow"
    one_way = True

    def detect(self, head: bytes, mapping: RawMapping | None = None) -> int:
        """By the version and the first set's number and length."""
        return 60 if looks_like_exports(head) else 0

    def read(self, stream: BinaryIO, context: ReadContext) -> Iterator[Batch]:
        """See Reader.read."""
        yield from read_pieces(payload_pieces, stream, context)
