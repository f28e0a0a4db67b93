"""Prove something from the ledger, hand it over, and the key that signs it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from sekisho.app.ledger import read_heads, verify
from sekisho.app.workspace import Workspace
from sekisho.errors import IntegrityError, RequestError
from sekisho.ledger.checkpoints import SignedHead
from sekisho.ledger.export import export
from sekisho.ledger.keys import Named, named, private_key, rotate, sign_now, signing_key
from sekisho.ledger.ledger import Ledger
from sekisho.ledger.proofs import consistency_proof, inclusion_proof, place_of
from sekisho.ledger.verifier import Checkpoint
from sekisho.ledger.verify import Report

_LARGEST_KEY = 64 * 1024


@dataclass(frozen=True, slots=True)
class SignedLedger:
    """A ledger that was verified and then signed: `leaves` is the hash of each entry, `end` the length
    in bytes of what the head covers."""

    ledger: Ledger
    report: Report
    leaves: bytearray
    head: SignedHead
    end: int


def sign_whole(
    workspace: Workspace, now: datetime, by: str, environ: Mapping[str, str] = os.environ
) -> SignedLedger:
    """Verify the ledger and sign its head; nobody writes meanwhile. `now` is aware.

    Raises IntegrityError where it is not whole: such a ledger is never signed.
    """
    ledger, given = _opened(workspace, environ)
    with ledger.exclusive():
        ledger.recover(now)
        if named(ledger) is None:
            _whole(verify(workspace, outside=False))
        signing_key(ledger, given, now, by)
        leaves = bytearray()
        # A witness that cannot be read keeps nothing from the others, and a head from none of them.
        report = _whole(verify(workspace, leaves=leaves, outside=False))
        head = sign_now(ledger, given, now, by)
        return SignedLedger(ledger, report, leaves, head, ledger.head().end)


def prove_entry(
    workspace: Workspace, entry: str, *, head: Path | None, now: datetime, by: str
) -> Mapping[str, Any]:
    """That an entry is in the newest head of a file, or in one that is signed now."""
    whole, checkpoint = _against(workspace, head, (), now, by)
    seq = place_of(whole.leaves, entry)
    return inclusion_proof(whole.ledger, whole.leaves, seq, checkpoint, whole.report.keys)


def prove_beginning(
    workspace: Workspace, start: Path, *, head: Path | None, now: datetime, by: str
) -> Mapping[str, Any]:
    """That the newest head of a file, or one signed now, continues the newest of `start`."""
    first = read_heads(start)
    whole, checkpoint = _against(workspace, head, first, now, by)
    return consistency_proof(whole.leaves, first[-1], checkpoint, whole.report.keys)


def hand_over(workspace: Workspace, target: Path, *, now: datetime, by: str) -> SignedHead:
    """Export to a folder that does not exist yet; the head that it ends with."""
    whole = sign_whole(workspace, now, by)
    export(whole.ledger, whole.end, whole.head, target)
    return whole.head


def current_key(workspace: Workspace, *, now: datetime, by: str) -> Named:
    """The key in force, made where there is none yet."""
    ledger, given = _opened(workspace, os.environ)
    if named(ledger) is None:
        _whole(verify(workspace))
        signing_key(ledger, given, now, by)
    found = named(ledger)
    if found is None:
        raise IntegrityError("the ledger names no key", "See `sekisho ledger verify`.")
    return found


def replace_key(workspace: Workspace, to: Path | None, *, lost: bool, now: datetime, by: str) -> Named:
    """Rotate to a key of one's own, or to that in the file `to`. Raises like `ledger.keys.rotate`."""
    ledger, given = _opened(workspace, os.environ, lost=lost)
    _whole(verify(workspace))
    if to is None:
        if workspace.settings(os.environ).settings.ledger.key is not None:
            mend = "Name the new one with --to, then set ledger.key to it."
            raise RequestError("the key is kept where ledger.key says", mend)
        return rotate(ledger, given, now, by, lost=lost)
    try:
        with to.open("rb") as stream:
            pem = stream.read(_LARGEST_KEY)
    except OSError as error:
        raise RequestError(f"cannot read {to}: {error.strerror}") from error
    return rotate(ledger, given, now, by, to=private_key(pem, str(to)), lost=lost)


def _against(
    workspace: Workspace, head: Path | None, first: tuple[Checkpoint, ...], now: datetime, by: str
) -> tuple[SignedLedger, Checkpoint]:
    """The ledger, verified against the heads that a proof is about, and the head to prove from."""
    wanted = read_heads(head) if head else ()
    _whole(verify(workspace, heads=(*wanted, *first)))
    whole = sign_whole(workspace, now, by)
    return whole, wanted[-1] if wanted else whole.head.checkpoint


def _opened(
    workspace: Workspace, environ: Mapping[str, str], *, lost: bool = False
) -> tuple[Ledger, Ed25519PrivateKey | None]:
    settings = workspace.settings(environ).settings
    ledger = Ledger(workspace.ledger, float(settings.store.lock_timeout))
    reference = settings.ledger.key
    if reference is None or lost:
        return ledger, None
    secret = reference.read(workspace.root, environ)
    return ledger, private_key(secret.reveal().encode(), f"ledger.key ({reference})")


def _whole(report: Report) -> Report:
    if not report.whole:
        raise IntegrityError(
            f"the ledger is not whole: {report.flaws[0]}", "`sekisho ledger verify` lists all."
        )
    return report
