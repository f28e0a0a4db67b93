"""Paths are made by one program and checked by another; the tree is held against its definition."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sekisho.ledger.merkle import consistency, inclusion, tree_root
from sekisho.ledger.verifier import consistent, included, leaf_hash


def leaves_of(size: int) -> bytes:
    return b"".join(hashlib.sha256(bytes([n >> 8, n & 255])).digest() for n in range(size))


def defined(leaves: bytes) -> bytes:
    """MTH as RFC 9162, 2.1.1 writes it."""
    size = len(leaves) // 32
    if size == 0:
        return hashlib.sha256().digest()
    if size == 1:
        return hashlib.sha256(b"\0" + leaves).digest()
    half = 1
    while half * 2 < size:
        half *= 2
    return hashlib.sha256(b"\1" + defined(leaves[: half * 32]) + defined(leaves[half * 32 :])).digest()


def test_the_root_is_the_one_that_is_defined() -> None:
    leaves = leaves_of(70)
    for size in range(71):
        assert tree_root(leaves, 0, size) == defined(leaves[: size * 32])


def test_every_leaf_of_every_small_tree_is_included_and_no_other() -> None:
    leaves = leaves_of(35)
    for size in range(1, 34):
        root = defined(leaves[: size * 32])
        for index in range(size):
            path = inclusion(leaves, index, size)
            leaf = leaf_hash(leaves[index * 32 : index * 32 + 32].hex())
            assert included(leaf, index, size, path, root)
            for wrong in (index - 1, index + 1, size):
                assert not included(leaf, wrong, size, path, root)
            assert not included(leaf, index, size, [*path, root], root)
            assert not path or not included(leaf, index, size, path[:-1], root)
            assert not included(bytes(32), index, size, path, root)


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_a_beginning_is_consistent_and_nothing_else_is(data: st.DataObject) -> None:
    second = data.draw(st.integers(1, 300))
    first = data.draw(st.integers(1, second))
    leaves = leaves_of(second)
    one, other = defined(leaves[: first * 32]), defined(leaves)
    path = list(consistency(leaves, first, second))
    assert consistent(first, second, path, one, other)
    changed = bytearray(leaves)
    changed[data.draw(st.integers(0, first * 32 - 1))] ^= 1
    assert not consistent(first, second, path, defined(bytes(changed[: first * 32])), other)
    assert not consistent(first, second, path, one, defined(bytes(changed)))
    if path:
        assert not consistent(first, second, path[:-1], one, other)
        assert not consistent(first, second, [*path[:-1], bytes(32)], one, other)
    assert not consistent(first, second, [*path, one], one, other)


def test_what_there_is_no_path_for() -> None:
    leaves = leaves_of(3)
    for index, size in ((3, 3), (-1, 3), (0, 0), (0, 4)):
        with pytest.raises(ValueError, match="lea"):
            inclusion(leaves, index, size)
    for first, second in ((0, 3), (3, 2), (1, 4)):
        with pytest.raises(ValueError, match="lea"):
            consistency(leaves, first, second)
    root = defined(leaves)
    assert not consistent(0, 3, [], root, root)
    assert not consistent(2, 3, [], root, root)
