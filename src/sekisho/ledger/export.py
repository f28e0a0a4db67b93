"""Hand a ledger over: the entries, every signed head, and the program that verifies them."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from sekisho.errors import RequestError
from sekisho.ledger import verifier
from sekisho.ledger.checkpoints import FOLDER, TOKEN, SignedHead, kept
from sekisho.ledger.ledger import FILE, SIDE, Ledger
from sekisho.ledger.proofs import note_of

PROGRAM, HEADS, KEY, READ_ME = "verify.py", "heads.txt", "key.txt", "README.txt"
_CHUNK = 1 << 20
_WORDS = """\
A ledger of {size} entries, handed over by whoever kept it.

{file}  one entry a line
{heads}     every head that was signed, the last is of all {size} entries
{key}       the key that signed it, as the ledger itself names it
timestamps/   what time stamp servers answered for heads, where any was asked
torn/         what crashes left unfinished; it never counted
{program}     checks all of it with Python 3.11 alone

    python3 {program} {file} --signed {heads}

This shows that the folder agrees with itself. Whoever made it could have made all of it. Compare with
something that came to you another way: a head that was published (--signed), or the key (--key):

    python3 {program} {file} --signed HEAD-YOU-HOLD --key KEY-YOU-HOLD

A time stamp is checked against the head it was made for (cut it from {heads} with its empty line and
signature) and the certificate of its server:

    openssl ts -verify -data HEAD -in timestamps/NUMBER.tsr -CAfile CA.pem
"""


def export(ledger: Ledger, end: int, newest: SignedHead, target: Path) -> None:
    """Write the folder `target`, whole or not at all: the first `end` bytes, which `newest` covers, and
    all that belongs to them. Raises RequestError where it exists or cannot be written."""
    if target.exists() or target.is_symlink():
        raise RequestError(f"{target} exists already", "Name a folder that does not.")
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    size = newest.checkpoint.size
    try:
        part.mkdir(mode=0o700)
        _copy(ledger.folder / FILE, part / FILE, end)
        notes = [note_of(one) for one in kept(ledger.folder) if one.size <= size]
        (part / HEADS).write_text("\n".join(notes), encoding="utf-8")
        (part / KEY).write_text(newest.key + "\n", encoding="utf-8")
        shutil.copyfile(verifier.__file__, part / PROGRAM)
        words = _WORDS.format(size=size, file=FILE, heads=HEADS, key=KEY, program=PROGRAM)
        (part / READ_ME).write_text(words, encoding="utf-8")
        _copy_all(ledger.folder / FOLDER, f"*{TOKEN}", part / "timestamps")
        _copy_all(ledger.folder / SIDE, "*.torn", part / SIDE)
        part.rename(target)
    except OSError as error:
        raise RequestError(f"cannot write {target}: {error.strerror}") from error
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _copy(source: Path, target: Path, size: int) -> None:
    with source.open("rb") as stream, target.open("wb") as out:
        while size and (chunk := stream.read(min(_CHUNK, size))):
            out.write(chunk)
            size -= len(chunk)
        out.flush()
        os.fsync(out.fileno())


def _copy_all(source: Path, pattern: str, target: Path) -> None:
    for path in sorted(source.glob(pattern)):
        target.mkdir(mode=0o700, exist_ok=True)
        shutil.copyfile(path, target / path.name)
