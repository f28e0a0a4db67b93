"""Paths through the Merkle tree over entries' hashes (RFC 9162, section 2.1); `verifier` checks them.

`leaves` is what `verifier.verify` collects: 32 bytes an entry, its hash. A path is made in O(n) hashes
and has O(log n) of them.
"""

from __future__ import annotations

from collections.abc import Sequence

from sekisho.ledger.verifier import extend, leaf_hash, root_of

Leaves = bytes | bytearray | memoryview


def tree_root(leaves: Leaves, begin: int, end: int) -> bytes:
    """The root over leaves `begin` to `end` (from 0, the end left out)."""
    edge: list[bytes] = []
    for place in range(begin, end):
        extend(edge, place - begin, leaf_hash(bytes(leaves[place * 32 : place * 32 + 32]).hex()))
    return root_of(edge)


def inclusion(leaves: Leaves, index: int, size: int) -> Sequence[bytes]:
    """The path of leaf `index` to the root over the first `size`: RFC 9162, 2.1.3.1."""
    _within(leaves, size)
    if not 0 <= index < size:
        raise ValueError(f"leaf {index} is not among {size}")
    path: list[bytes] = []
    begin, end = 0, size
    while end - begin > 1:
        middle = begin + _half(end - begin)
        if index < middle:
            path.append(tree_root(leaves, middle, end))
            end = middle
        else:
            path.append(tree_root(leaves, begin, middle))
            begin = middle
    return path[::-1]


def consistency(leaves: Leaves, first: int, second: int) -> Sequence[bytes]:
    """The path from the root over `first` leaves to that over `second`: RFC 9162, 2.1.4.1."""
    _within(leaves, second)
    if not 0 < first <= second:
        raise ValueError(f"{first} leaves are no beginning of {second}")
    path: list[bytes] = []
    begin, end, whole = 0, second, True
    while first != end:
        middle = begin + _half(end - begin)
        if first <= middle:
            path.append(tree_root(leaves, middle, end))
            end = middle
        else:
            path.append(tree_root(leaves, begin, middle))
            begin, whole = middle, False
    if not whole:
        path.append(tree_root(leaves, begin, end))
    return path[::-1]


def _half(size: int) -> int:
    """The largest power of two below `size`."""
    return 1 << (size - 1).bit_length() - 1


def _within(leaves: Leaves, size: int) -> None:
    if size * 32 > len(leaves):
        raise ValueError(f"there are no {size} leaves")
