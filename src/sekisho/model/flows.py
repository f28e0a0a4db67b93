"""One observed conversation at one sensor, as columns.

`SOURCE_SCHEMA` is what a reader gives; `FLOW_SCHEMA` adds what ingest knows (sensor, realms, file) and
is what the lake holds. No unsigned and no 128-bit columns: other engines read these files too.
"""

from __future__ import annotations

from enum import IntEnum, IntFlag

import pyarrow as pa

TIME = pa.timestamp("us", tz="UTC")


class State(IntEnum):
    """How a flow ended as far as its sensor could tell."""

    UNKNOWN = 0
    """The source does not say; judge by bytes and packets."""
    ESTABLISHED = 1
    """TCP: handshake completed or data both ways. Others: an answer was seen."""
    NO_REPLY = 2
    REJECTED = 3
    """The other end refused (TCP RST, ICMP unreachable)."""
    DENIED = 4
    """A gateway dropped or reset it; never established, whatever the bytes."""


class Flag(IntFlag):
    """What a person must know before trusting a row."""

    IMPOSSIBLE_TIME = 1
    """An end before its start, or a flow of years; kept, `end` as the source had it."""
    LOSS = 2
    """The sensor missed part of it: `high` may exceed 1.6 x `low`."""
    SAMPLED = 4
    """Counts were scaled up from samples: `high` may exceed 1.6 x `low`."""
    BYTES_UNKNOWN = 8
    """The source gave no volume; 0 stands for unknown."""
    ONE_WAY = 16
    """One direction only, to be paired with its reverse: `bytes_in` is not known from this row."""
    REVERSED = 32
    """Initiator and responder were exchanged against the order of the source."""
    MIDSTREAM = 64
    """The beginning was not seen, so the initiator is a guess."""
    FUTURE = 128
    """Starts more than a day after it was read."""
    SYN_ONLY = 256
    """One-way TCP record in which SYN but no ACK was seen: its sender is the initiator."""
    SYN_ACK = 512
    """One-way TCP record with SYN and ACK but the first packet was an answer, or flags mixed."""
    OPEN = 1024
    """Logged while still open (an interim record): count once per uid, the last one stands."""
    RESET = 2048
    """A reset ended it: volume one way does not make it established."""
    SUMMED = 4096
    """The source has one count for both directions: each may be anything from 0 to all of it, so `high`
    may exceed 1.6 x `low`."""


class Orientation(IntEnum):
    """How sure it is that `src` is the initiator, in per cent."""

    STATED = 100
    """The source saw the first packet or says who opened it."""
    HANDSHAKE = 95
    """TCP flags show who sent SYN."""
    KNOWN_SERVICE = 85
    """Only one end has a known service's port."""
    LOWER_PORT = 60
    """The lower port is taken as the server's."""
    GUESS = 50


SOURCE_SCHEMA = pa.schema(
    [
        pa.field("start", TIME, nullable=False),
        pa.field("end", TIME, nullable=False),
        pa.field("src_hi", pa.int64(), nullable=False),
        pa.field("src_lo", pa.int64(), nullable=False),
        pa.field("dst_hi", pa.int64(), nullable=False),
        pa.field("dst_lo", pa.int64(), nullable=False),
        pa.field("src_port", pa.int32(), nullable=False),
        pa.field("dst_port", pa.int32(), nullable=False),
        pa.field("protocol", pa.int16(), nullable=False),
        pa.field("bytes_out", pa.int64(), nullable=False),
        pa.field("bytes_out_spread", pa.int64(), nullable=False),
        pa.field("bytes_in", pa.int64(), nullable=False),
        pa.field("bytes_in_spread", pa.int64(), nullable=False),
        pa.field("payload_out", pa.int64()),
        pa.field("payload_in", pa.int64()),
        pa.field("packets_out", pa.int64(), nullable=False),
        pa.field("packets_in", pa.int64(), nullable=False),
        pa.field("state", pa.int8(), nullable=False),
        pa.field("orientation", pa.int8(), nullable=False),
        pa.field("flags", pa.int32(), nullable=False),
        pa.field("icmp", pa.int32(), nullable=False),
        pa.field("service", pa.string()),
        pa.field("uid", pa.string()),
        pa.field("row", pa.int64(), nullable=False),
    ]
)
"""`bytes_out` is IP-layer bytes initiator to responder, the low end; low + spread is the high end.
`payload_*` is what the source gave as payload, null where it gave none. Ports are 0 where the protocol
has none. `icmp` is type * 256 + code, -1 elsewhere. `service` is the application the sensor recognised,
several in alphabetical order with commas. `row` is the line (text) or record (binary), from 1."""

FLOW_SCHEMA = pa.schema(
    [
        *SOURCE_SCHEMA,
        pa.field("sensor", pa.string(), nullable=False),
        pa.field("src_realm", pa.string(), nullable=False),
        pa.field("dst_realm", pa.string(), nullable=False),
        pa.field("file", pa.int32(), nullable=False),
    ]
)
"""`file` is the manifest's number of the file that `row` counts in; '' is the default realm."""

ONE_WAY_VOLUME = 4096
"""Bytes one way in a connection-day, not reset, from which a connection counts as established."""
