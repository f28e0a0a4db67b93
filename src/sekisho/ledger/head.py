"""The last acknowledged entry, remembered beside the ledger.

It is what makes a cut end visible, and what tells an entry that was acknowledged from bytes that a
crash left behind. It lies on the same disk: against somebody who may write there, only a copy of it
kept elsewhere helps.

It also keeps the right edge of the Merkle tree, so that an entry is added to it in O(log n).
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path

from sekisho.errors import IntegrityError
from sekisho.ledger.verifier import FIRST, KEY_KIND, extend, leaf_hash, root_of
from sekisho.model.entries import Entry

_LARGEST = 8192


@dataclass(frozen=True, slots=True)
class Head:
    """Entry `seq` with its hash; its line is the bytes from `start` to `end`. `seq` 0 is none.

    `edge` has the roots of the tree's whole subtrees, the largest first; None where the head was
    written before there was a tree. `key` is where the line of the newest key begins, None without.
    """

    seq: int = 0
    hash: str = FIRST
    start: int = 0
    end: int = 0
    edge: tuple[bytes, ...] | None = ()
    key: int | None = None

    @property
    def root(self) -> bytes:
        """The root of the tree over all entries. Raises ValueError where the edge is not known."""
        if self.edge is None:
            raise ValueError("the edge of the tree is not known yet")
        return root_of(self.edge)

    def after(self, entry: Entry) -> Head:
        """The head once this entry follows."""
        edge = None
        if self.edge is not None:
            grown = list(self.edge)
            extend(grown, self.seq, leaf_hash(entry.hash))
            edge = tuple(grown)
        key = entry.start if entry.kind == KEY_KIND else self.key
        return Head(entry.seq, entry.hash, entry.start, entry.end, edge, key)


def read_head(path: Path) -> Head | None:
    """The remembered head, or None where none is remembered. Raises IntegrityError."""
    try:
        with path.open("rb") as stream:
            raw = stream.read(_LARGEST + 1)
    except FileNotFoundError:
        return None
    try:
        value = json.loads(raw)
        edge, key = value.get("edge"), value.get("key")
        nodes = None if edge is None else tuple(bytes.fromhex(node) for node in edge)
        head = Head(value["seq"], value["hash"], value["start"], value["end"], nodes, key)
        numbers = all(type(value[key]) is int and value[key] >= 0 for key in ("seq", "start", "end"))
        if not numbers or type(value["hash"]) is not str or len(head.hash) != len(FIRST):
            raise ValueError("a value has the wrong type")
        if nodes is not None and (
            len(nodes) != head.seq.bit_count() or any(len(node) != 32 for node in nodes)
        ):
            raise ValueError("the tree is not that of so many entries")
        if key is not None and (type(key) is not int or not 0 <= key <= head.start):
            raise ValueError("the key's place is none")
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise IntegrityError(
            f"{path} is damaged", "Restore it from a backup; the entries themselves may be whole."
        ) from error
    return head


def write_head(path: Path, head: Head) -> None:
    """Remember a head, whole or not at all; on disk when this returns. Raises OSError."""
    value: dict[str, object] = {
        "end": head.end, "hash": head.hash, "key": head.key, "seq": head.seq, "start": head.start,
    }  # fmt: skip
    if head.edge is not None:
        value["edge"] = [node.hex() for node in head.edge]
    write_whole(path, json.dumps(value, sort_keys=True).encode() + b"\n")


def write_whole(path: Path, content: bytes) -> None:
    """Write a file that is its owner's alone, whole or not at all; on disk when this returns."""
    fresh = path.with_suffix(".new")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
    try:
        view = memoryview(content)
        while view:
            view = view[os.write(descriptor, view) :]
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    fresh.replace(path)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Put a folder's names on disk: a file that was made or renamed may else be lost with power."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
