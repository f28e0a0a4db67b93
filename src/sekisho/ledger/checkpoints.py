"""Signed heads: checkpoints (c2sp.org/tlog-checkpoint) as signed notes, and those that are kept here.

A head has no time of its own, so that one size has one head: two that differ show a fork. When it was
there is what its witnesses know.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from sekisho.errors import IntegrityError
from sekisho.ledger.head import Head, sync_folder, write_whole
from sekisho.ledger.verifier import Checkpoint, key_id, read_checkpoints

FOLDER, SUFFIX, TOKEN = "heads", ".head", ".tsr"
_LARGEST = 64 * 1024


@dataclass(frozen=True, slots=True)
class SignedHead:
    """A head as it leaves this system: `note` is the signed text, `key` how the key is written."""

    checkpoint: Checkpoint
    note: bytes
    key: str


def sign(head: Head, origin: str, private: Ed25519PrivateKey) -> SignedHead:
    """Sign the tree of a ledger with at least one entry."""
    if head.seq == 0:
        raise ValueError("an empty ledger has nothing to sign")
    public = private.public_key().public_bytes_raw()
    text = f"{origin}\n{head.seq}\n{_text(head.root)}\n".encode()
    blob = key_id(origin, public) + private.sign(text)
    note = text + f"\n\u2014 {origin} {_text(blob)}\n".encode()
    (checkpoint,) = read_checkpoints(note)
    return SignedHead(checkpoint, note, written_key(origin, public))


def written_key(origin: str, public: bytes) -> str:
    """A public key as people pass it on: NAME+ID+BASE64 (c2sp.org/signed-note)."""
    return f"{origin}+{key_id(origin, public).hex()}+{_text(bytes([1]) + public)}"


def keep(folder: Path, head: SignedHead) -> None:
    """Keep a head beside the ledger in `folder`. Raises OSError, and IntegrityError where another of
    that size is kept: the ledger was two things at one length."""
    path = _place(folder, head.checkpoint.size, SUFFIX)
    before = _read(path)
    if before is not None and any(one.text != head.checkpoint.text for one in before):
        raise IntegrityError(
            f"{path} holds another head of {head.checkpoint.size} entries: the ledger was changed",
            "See `sekisho ledger verify`.",
        )
    if before is None:
        _made(path.parent)
        write_whole(path, head.note)


def keep_token(folder: Path, size: int, token: bytes) -> Path:
    """Keep what a time stamp server answered for the head of `size` entries; an earlier answer stays,
    since it tells of an earlier time. Raises OSError."""
    path, number = _place(folder, size, TOKEN), 1
    while path.exists():
        number += 1
        path = _place(folder, size, f"-{number}{TOKEN}")
    _made(path.parent)
    write_whole(path, token)
    return path


def kept(folder: Path) -> Iterator[Checkpoint]:
    """Every head that is kept beside the ledger, by size. Raises IntegrityError for a damaged one."""
    for path in sorted((folder / FOLDER).glob(f"*{SUFFIX}")):
        yield from _read(path) or ()


def _read(path: Path) -> tuple[Checkpoint, ...] | None:
    try:
        with path.open("rb") as stream:
            return read_checkpoints(stream.read(_LARGEST))
    except FileNotFoundError:
        return None
    except ValueError as error:
        raise IntegrityError(f"{path} {error}", "Restore it from a backup.") from error


def _place(folder: Path, size: int, suffix: str) -> Path:
    return folder / FOLDER / f"{size:016d}{suffix}"


def _made(folder: Path) -> None:
    if not folder.is_dir():
        folder.mkdir(mode=0o700, exist_ok=True)
        sync_folder(folder.parent)


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()
