"""Proofs from a ledger: that an entry is in a signed head, that one head continues another.

A proof is one document of JSON that `verifier` checks without the ledger; see `check_proof` there.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from itertools import islice
from typing import Any

from sekisho.errors import RequestError
from sekisho.ledger.checkpoints import written_key
from sekisho.ledger.ledger import FILE, Ledger
from sekisho.ledger.merkle import Leaves, consistency, inclusion
from sekisho.ledger.verifier import LONGEST_LINE, PROOF, Checkpoint, Key, read_entry

SHORTEST = 8
"""Digits of an entry's hash that tell which one is meant."""


def place_of(leaves: Leaves, wanted: str) -> int:
    """Which entry (`seq`) a number or the beginning of a hash means. Raises RequestError."""
    total = len(leaves) // 32
    longest = max(SHORTEST - 1, len(str(total)))
    if wanted.isascii() and wanted.isdigit() and len(wanted) <= longest:
        if 1 <= int(wanted) <= total:
            return int(wanted)
        raise RequestError(f"there is no entry {wanted}", f"The ledger has {total} entries.")
    if len(wanted) < SHORTEST or not set(wanted) <= set("0123456789abcdef"):
        text = f"an entry is named by its number or by at least {SHORTEST} digits of its hash"
        raise RequestError(text, "`sekisho ledger show` lists them.")
    found = [n for n in range(total) if leaves[n * 32 : n * 32 + 32].hex().startswith(wanted)]
    if len(found) != 1:
        raise RequestError(f"{len(found) or 'no'} entries have a hash that begins with {wanted}")
    return found[0] + 1


def inclusion_proof(
    ledger: Ledger, leaves: Leaves, seq: int, head: Checkpoint, keys: tuple[Key, ...]
) -> Mapping[str, Any]:
    """That entry `seq` is in `head`. Raises RequestError where the head is older than the entry."""
    if seq > head.size:
        raise RequestError(
            f"entry {seq} is newer than that head, which has {head.size} entries",
            "Leave out --head to prove against a new one.",
        )
    with (ledger.folder / FILE).open("rb") as stream:
        (line,) = islice(stream, seq - 1, seq)
    return {
        "schema": PROOF,
        "kind": "inclusion",
        "entry": read_entry(line[:LONGEST_LINE].removesuffix(b"\n")),
        "head": note_of(head),
        "keys": _written(head, keys),
        "path": [node.hex() for node in inclusion(leaves, seq - 1, head.size)],
    }


def consistency_proof(
    leaves: Leaves, first: Checkpoint, head: Checkpoint, keys: tuple[Key, ...]
) -> Mapping[str, Any]:
    """That `head` continues `first`. Raises RequestError where `first` is the longer one."""
    if first.size > head.size:
        raise RequestError(f"--from has {first.size} entries and --head only {head.size}")
    return {
        "schema": PROOF,
        "kind": "consistency",
        "from": note_of(first),
        "head": note_of(head),
        "keys": _written(head, keys),
        "path": [node.hex() for node in consistency(leaves, first.size, head.size)],
    }


def document(proof: Mapping[str, Any]) -> str:
    """A proof as text; the entry in it is made canonical again by whoever checks it."""
    return json.dumps(proof, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def note_of(head: Checkpoint) -> str:
    """The signed note that a checkpoint was read from."""
    lines = [
        f"\u2014 {name} {base64.b64encode(number + signature).decode()}"
        for name, number, signature in head.signatures
    ]
    return head.text.decode() + "\n" + "\n".join(lines) + "\n"


def _written(head: Checkpoint, keys: tuple[Key, ...]) -> list[str]:
    return [written_key(head.origin, key.public) for key in keys]
