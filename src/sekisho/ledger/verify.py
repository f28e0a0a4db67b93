"""Verify the ledger of a workspace: the entries, the remembered head, and what was set aside."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sekisho.errors import IntegrityError
from sekisho.ledger import torn
from sekisho.ledger.checkpoints import kept
from sekisho.ledger.head import Head, read_head
from sekisho.ledger.ledger import FILE, HEAD, SIDE
from sekisho.ledger.verifier import FIRST, Checkpoint, Flaw, Key, read_entry, verify

_TORN = f'"kind":"{torn.KIND}"'.encode()


@dataclass(frozen=True, slots=True)
class Report:
    """What was found. `unfinished` is how many bytes a crash left after the last entry: they were
    never acknowledged, and the next append sets them aside. `signed` is the size of the newest signed
    head that it was held against, 0 for none; `keys` are those that the ledger names."""

    entries: int
    head: Head
    unfinished: int
    flaws: tuple[Flaw, ...]
    signed: int = 0
    keys: tuple[Key, ...] = ()

    @property
    def whole(self) -> bool:
        """Whether nothing is wrong with what was acknowledged."""
        return not self.flaws


def verify_ledger(
    folder: Path,
    known: Mapping[int, str] | None = None,
    signed: Iterable[Checkpoint] = (),
    trusted: Collection[bytes] = (),
    leaves: bytearray | None = None,
) -> Report:
    """Check the ledger in a folder against its remembered head, the signed heads kept beside it, and
    what is known from elsewhere: entries in `known` (`seq` → hash, such as the state's cursor), heads
    in `signed`, public keys in `trusted`. A folder without a ledger is whole when nothing says that
    there was one. `leaves` is given the hash of each entry. Reads only.
    """
    flaws: list[Flaw] = []
    heads = {seq: digest for seq, digest in (known or {}).items() if seq}
    head, held = None, list(signed)
    try:
        head = read_head(folder / HEAD)
    except IntegrityError as error:
        flaws.append(Flaw("head", 0, 0, str(error)))
    try:
        held += kept(folder)
    except IntegrityError as error:
        flaws.append(Flaw("head", 0, 0, str(error)))
    if head and head.seq:
        if heads.get(head.seq, head.hash) != head.hash:
            flaws.append(Flaw("head", 0, head.seq, f"{HEAD} is not what is known from elsewhere"))
        heads.setdefault(head.seq, head.hash)
    try:
        with (folder / FILE).open("rb") as stream:
            result = verify(stream, heads, held, trusted, leaves)
    except FileNotFoundError:
        gone = {*heads, *(one.size for one in held)}
        flaws += [
            Flaw("truncated", 0, seq, "is known from elsewhere and the ledger is gone")
            for seq in sorted(gone)
        ]
        return Report(0, Head(), 0, tuple(flaws))
    flaws += result.flaws
    told = any(flaw.code == "head" for flaw in flaws)
    if head is None and result.entries > 1 and not told:
        flaws.append(Flaw("head", 0, result.seq, f"{HEAD} is gone: a cut end would not show"))
    if head and not result.flaws and not told:
        flaws += _head_flaws(head, result.entries, result.root, result.keys)
    if not result.flaws and not any(flaw.code == "head" for flaw in flaws):
        flaws += _side_flaws(folder)
    last = head if head and head.hash == result.hash else Head(result.seq, result.hash, edge=None)
    return Report(
        result.entries,
        last if result.entries else Head(0, FIRST),
        result.torn,
        tuple(flaws),
        max((one.size for one in held), default=0),
        result.keys,
    )


def _head_flaws(head: Head, entries: int, root: bytes, keys: tuple[Key, ...]) -> list[Flaw]:
    """Whether the remembered tree and key are those of the entries, where none came after it."""
    if head.edge is None or head.seq != entries:
        return []
    if head.root != root:
        return [Flaw("head", 0, head.seq, f"{HEAD} remembers another tree")]
    if (head.key is None) != (not keys):
        return [Flaw("head", 0, head.seq, f"{HEAD} does not remember where the key is named")]
    return []


def _side_flaws(folder: Path) -> list[Flaw]:
    flaws = []
    for seq, body in _recorded_torn(folder):
        name = str(body["file"])
        # The name comes from a file that somebody may have rewritten: it stays within the folder.
        path = folder / SIDE / Path(name).name
        pending = path.with_suffix(".pending")
        try:
            content = (path if path.exists() else pending).read_bytes()
        except OSError:
            flaws.append(Flaw("side-file", 0, seq, f"names {name}, which is gone"))
            continue
        if hashlib.sha256(content).hexdigest() != body["sha256"]:
            flaws.append(Flaw("side-file", 0, seq, f"names {name}, which was changed"))
    return flaws


def _recorded_torn(folder: Path) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """The entries that name side files, of a ledger whose lines are known to be in canonical form."""
    with (folder / FILE).open("rb") as stream:
        for line in stream:
            if _TORN in line and line.endswith(b"\n"):
                entry = read_entry(line[:-1])
                if entry["kind"] == torn.KIND:
                    yield entry["seq"], entry["body"]
