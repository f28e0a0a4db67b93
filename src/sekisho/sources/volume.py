"""Ranges of IP-layer bytes from what sources count: payload, IP bytes, packets, missed bytes.

A range holds the true number and is as tight as the evidence allows. All functions take and give int64
arrays, one entry a flow and direction; -1 stands for unknown.

- IP bytes at least the payload: they are the number.
- Payload alone, or fewer IP bytes than payload though little was missed (captures with segmentation
  offload count short): low is the payload, high adds headers and stays under 1.6 times low.
- Missed at least nine tenths of the payload: the sequence numbers ran away (zeek/zeek#3313 reports
  1,607,364,734 bytes of payload over 56,983 bytes on the wire), so what was seen on the wire stands.
- Between the two the sensor lost a part: low is what it saw, high the payload with headers, and the
  row says so.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sekisho.model.protocols import TCP, UDP

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

LITTLE_MISSED = 0.1
NEARLY_ALL_MISSED = 0.9
SMALLEST_SEGMENT = 1220
"""Payload of a full TCP segment over the smallest IPv6 link (RFC 8200, 5: 1280 less 60 of headers)."""
LARGEST = 1 << 60
"""Counts above this are taken as this, so that sums of two stay in 64 bits."""


@dataclass(frozen=True, slots=True)
class Volume:
    """`low` and `spread` (high is low + spread); where part was lost, and where nothing is known."""

    low: Ints
    spread: Ints
    loss: Bools
    unknown: Bools


def header_bytes(protocol: Ints, is_v4: Bools) -> Ints:
    """Bytes of IP and transport header of one packet at most, usual options included.

    TCP with timestamps has 32 (RFC 7323, appendix A), UDP 8 (RFC 768), IPv4 20, IPv6 40.
    """
    transport = np.where(protocol == TCP, 32, np.where(protocol == UDP, 8, 20))
    return np.where(is_v4, 20, 40) + transport


def volume(payload: Ints, ip_bytes: Ints, packets: Ints, missed: Ints, header: Ints) -> Volume:
    """The range of one direction. `missed` counts both directions, as Zeek does; `header` is bytes a packet."""
    payload, ip_bytes, packets = (np.minimum(v, LARGEST) for v in (payload, ip_bytes, packets))
    missed = np.clip(missed, 0, LARGEST)
    has_payload, has_ip = payload >= 0, ip_bytes >= 0
    simple = has_ip & (ip_bytes >= payload)
    if simple.all():
        nothing = np.zeros(len(payload), dtype=np.int64)
        return Volume(ip_bytes, nothing, nothing.astype(np.bool_), nothing.astype(np.bool_))
    nothing_moved = ~has_payload & ~has_ip & (packets == 0)
    unknown = ~has_payload & ~has_ip & ~nothing_moved

    with_headers = _with_headers(payload, packets, header)
    runaway = has_payload & ~simple & (missed > 0) & (missed >= NEARLY_ALL_MISSED * payload)
    partly = has_payload & ~simple & ~runaway & (missed > LITTLE_MISSED * payload)
    whole = has_payload & ~simple & ~runaway & ~partly

    seen = np.maximum(payload - missed, 0)
    seen_only = np.maximum(ip_bytes, np.where(has_ip, 0, seen))
    low = np.select(
        [simple, runaway, partly, whole],
        [ip_bytes, seen_only, np.maximum(ip_bytes, seen), payload],
        0,
    )
    capped = np.minimum(with_headers, under_bound(low))
    seen_with_headers = np.minimum(_with_headers(low, packets, header), under_bound(low))
    high = np.select(
        [simple, runaway & has_ip, runaway, partly, whole],
        [ip_bytes, low, seen_with_headers, with_headers, capped],
        0,
    )
    return Volume(low, np.maximum(high - low, 0), runaway | partly, unknown)


def _with_headers(payload: Ints, packets: Ints, header: Ints) -> Ints:
    """Payload and the headers of as many packets as carried it, seen or implied."""
    implied = np.maximum(payload, 0) // SMALLEST_SEGMENT + (payload > 0)
    count = np.maximum(np.minimum(packets, LARGEST >> 8), implied)
    total: Ints = np.maximum(payload, 0) + count * header
    return total


def under_bound(low: Ints) -> Ints:
    """The largest whole number under 1.6 times `low`, never under `low`."""
    bound: Ints = np.maximum(low + low // 2 + np.maximum(low, 1) // 10 - (low > 0), low)
    return bound


def scaled(low: Ints, spread: Ints, samples: Ints, factor: int | Ints) -> tuple[Ints, Ints]:
    """Counts of one packet in `factor`, of all or of each, scaled up, with the 95 % range of that estimate.

    The relative error is at most 1.96 / sqrt(samples) (Phaal and Panchen, "Packet Sampling Basics",
    2002). Never under what was seen. A direction of which nothing was sampled stays 0.
    """
    most = LARGEST // np.maximum(factor, 1)
    up = np.minimum(low, most) * factor
    return estimated(up, np.minimum(spread, most) * factor, samples, low)


def estimated(low: Ints, spread: Ints, samples: Ints, at_least: Ints) -> tuple[Ints, Ints]:
    """The 95 % range around counts that are scaled already; `samples` packets stand behind each."""
    error = 1.96 / np.sqrt(np.maximum(samples, 1).astype(np.float64))
    bottom = np.maximum((low * np.maximum(1.0 - error, 0.0)).astype(np.int64), at_least)
    top = np.minimum((low + spread) * (1.0 + error), float(LARGEST)).astype(np.int64)
    return bottom, np.maximum(top - bottom, 0)


FRAME = 24
"""Bytes of a frame around its packet at most: Ethernet with a VLAN tag 18, padding of a lone ACK 6."""


def within_frames(frames: Ints, packets: Ints) -> tuple[Ints, Ints]:
    """IP bytes, low and spread, of counts that include Ethernet, or may: never under 5/8 of them."""
    frames = np.minimum(frames, LARGEST)
    most = np.clip(packets, 0, LARGEST // FRAME) * FRAME
    low = np.maximum(frames - most, frames - np.maximum(frames * 3 // 8 - 1, 0))
    return low, frames - low
