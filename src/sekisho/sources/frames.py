"""IP bytes where a sensor counted whole frames of its link."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from sekisho.model.addresses import V4_HI
from sekisho.model.protocols import TCP, UDP
from sekisho.sources.draft import Draft
from sekisho.sources.volume import LARGEST, under_bound

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


def unframe(draft: Draft) -> None:
    """Turn bytes of whole frames, in both directions, into ranges of IP bytes."""
    header = least_header(draft.columns["protocol"], draft.columns["src_hi"] == V4_HI)
    for way in ("out", "in"):
        low, spread = unframed(draft.columns[f"bytes_{way}"], draft.columns[f"packets_{way}"], header)
        draft.columns[f"bytes_{way}"] = low
        draft.columns[f"bytes_{way}_spread"] = draft.columns[f"bytes_{way}_spread"] + spread


def unframed(frames: Ints, packets: Ints, header: Ints) -> tuple[Ints, Ints]:
    """Low and spread of the IP bytes of one direction; `header` is the least one of its packets has.

    Ethernet II puts 14 bytes in front, 802.1Q 4 more, and frames under 60 bytes are padded (IEEE 802.3,
    3.2). A sensor behind a queue of packets counts none of that, so the frames are the high end. Fewer
    bytes than header and Ethernet need are IP bytes. High stays under 1.6 times low, so that packets of
    less than 40 bytes may lie below it.
    """
    frames = np.minimum(frames, LARGEST)
    count = np.minimum(np.maximum(packets, 1), LARGEST >> 8)
    least = np.minimum(count * header, frames)
    around = np.where(frames >= 60 * count, 20, 14) * count
    bare = frames < (header + 14) * count
    low = np.where(bare, frames, np.maximum(frames - around, least))
    # Packets may be wrong by far; the range must not be.
    low = np.minimum(np.maximum(low, frames // 8 * 5 + frames % 8), frames)
    return low, np.minimum(under_bound(low), frames) - low


def least_header(protocol: Ints, is_v4: Bools) -> Ints:
    """Bytes of IP and transport header of one packet at least (RFC 791, 8200, 9293, 768)."""
    transport = np.where(protocol == TCP, 20, np.where(protocol == UDP, 8, 0))
    return np.where(is_v4, 20, 40) + transport
