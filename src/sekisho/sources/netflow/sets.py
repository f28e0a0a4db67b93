"""Walking the sets of v9 and IPFIX messages, all messages a step at a time."""

from __future__ import annotations

import struct
from dataclasses import dataclass

import numpy as np

from sekisho.sources.netflow.datagrams import Ints
from sekisho.sources.netflow.messages import Messages

_HEAD = struct.Struct("!HH")
_FEW = 16
"""Messages with sets left below which walking them one by one is quicker."""


@dataclass(frozen=True, slots=True)
class Sets:
    """Sets in the order in which they came: whose message, their id, and where their content lies."""

    message: Ints
    id: Ints
    start: Ints
    size: Ints

    def __len__(self) -> int:
        return len(self.message)


def walk(data: bytes, messages: Messages) -> tuple[Sets, Ints]:
    """The sets of `messages`, and the places of messages that break off in a set of impossible length.

    A set of length 0 ends a message without fault: some exporters fill datagrams up with zeros.
    """
    octets = np.frombuffer(data, dtype=np.uint8)
    left = np.arange(len(messages), dtype=np.int64)
    cursor = messages.begin.copy()
    parts: list[tuple[Ints, Ints, Ints, Ints]] = []
    broken: list[int] = []
    while len(left) > _FEW:
        left = left[messages.end[left] - cursor[left] >= 4]
        at = cursor[left]
        number = octets[at].astype(np.int64) << 8 | octets[at + 1]
        length = octets[at + 2].astype(np.int64) << 8 | octets[at + 3]
        room = messages.end[left] - at
        ends = (length == 0) & (number == 0)
        wrong = ~ends & ((length < 4) | (length > room))
        broken.extend(left[wrong].tolist())
        good = ~ends & ~wrong
        left, at, number, length = left[good], at[good], number[good], length[good]
        parts.append((left, number, at + 4, length - 4))
        cursor[left] = at + length
    slow: list[tuple[int, int, int, int]] = []
    for place in left.tolist():
        spot, end = int(cursor[place]), int(messages.end[place])
        while end - spot >= 4:
            one, many = _HEAD.unpack_from(data, spot)
            if one == 0 and many == 0:
                break
            if not 4 <= many <= end - spot:
                broken.append(place)
                break
            slow.append((place, one, spot + 4, many - 4))
            spot += many
    if slow:
        table = np.array(slow, dtype=np.int64)
        parts.append((table[:, 0], table[:, 1], table[:, 2], table[:, 3]))
    if not parts:
        nothing = np.zeros(0, dtype=np.int64)
        return Sets(nothing, nothing, nothing, nothing), np.array(broken, dtype=np.int64)
    message, number, start, size = (np.concatenate(column) for column in zip(*parts, strict=True))
    order = np.argsort(start, kind="stable")
    return Sets(message[order], number[order], start[order], size[order]), np.sort(
        np.array(broken, dtype=np.int64)
    )
