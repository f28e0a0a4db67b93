"""The key that signs heads: made on first use or given, named by an entry, replaced by the one before.

The entry `ledger.key` says which key counts from there on. A rotation is signed by the old key over the
tree as it was; where the old key was lost it is not, and that stays visible.
"""

from __future__ import annotations

import base64
import stat
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from sekisho.errors import IntegrityError, Refused, RequestError
from sekisho.ledger.checkpoints import SignedHead, keep, sign, written_key
from sekisho.ledger.head import write_whole
from sekisho.ledger.ledger import Ledger, NotWritten
from sekisho.ledger.verifier import KEY_KIND, handover, origin_of

OWN, FRESH = "signing.key", "signing.key.new"
_LARGEST = 64 * 1024
_LOST = "Restore it from a backup, or begin a new one with `sekisho ledger rotate --lost`."


@dataclass(frozen=True, slots=True)
class Named:
    """The key that the ledger names now, written for people, and since which entry."""

    public: bytes
    written: str
    seq: int


def origin(ledger: Ledger) -> str:
    """What this ledger's heads are headed with; '' while it is empty. Raises IntegrityError."""
    first = next(ledger.entries(), None)
    return origin_of(first.hash) if first else ""


def named(ledger: Ledger) -> Named | None:
    """The key in force, or None before the first. Raises IntegrityError."""
    place = ledger.head().key
    if place is None:
        return None
    entry = next(ledger.entries(place))
    if entry.kind != KEY_KIND:
        raise IntegrityError(f"entry {entry.seq} names no key", "See `sekisho ledger verify`.")
    public = base64.b64decode(str(entry.body["public"]))
    return Named(public, written_key(origin(ledger), public), entry.seq)


def private_key(pem: bytes, where: str) -> Ed25519PrivateKey:
    """A key from PKCS #8 PEM without a pass phrase. Raises RequestError; never quotes the key."""
    try:
        key = load_pem_private_key(pem, None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, Ed25519PrivateKey):
        mend = "Make one with `openssl genpkey -algorithm ed25519`."
        raise RequestError(f"{where} is no Ed25519 key in PEM without a pass phrase", mend)
    return key


def signing_key(
    ledger: Ledger, given: Ed25519PrivateKey | None, at: datetime, by: str
) -> Ed25519PrivateKey:
    """The key to sign with; made and named in the ledger where there is none yet.

    `given` is one that is kept elsewhere. `at` is aware. Raises Refused for a key file that others may
    read, IntegrityError where the key is gone or is not the one the ledger names.
    """
    with ledger.exclusive():
        ledger.recover(at)
        now = named(ledger)
        _finish(ledger, now)
        own = ledger.folder / OWN
        if given is None and not own.exists():
            if now is not None:
                raise IntegrityError(f"{own} is gone: nothing can be signed", _LOST)
            _make(own)
        key = given or _read(own)
        public = key.public_key().public_bytes_raw()
        if now is None:
            ledger.append(KEY_KIND, {"public": _text(public)}, at, by)
        elif now.public != public:
            raise IntegrityError(
                f"the key is not the one that entry {now.seq} names",
                "Put the old key back and replace it with `sekisho ledger rotate`.",
            )
        return key


def rotate(
    ledger: Ledger,
    given: Ed25519PrivateKey | None,
    at: datetime,
    by: str,
    *,
    to: Ed25519PrivateKey | None = None,
    lost: bool = False,
) -> Named:
    """Replace the key by `to`, else by a new one beside the ledger; the old one signs that.

    With `lost` nobody signs. Killed in between, either nothing changed or the next use finishes it.
    """
    with ledger.exclusive():
        old = None if lost else signing_key(ledger, given, at, by)
        head, now = ledger.recover(at), named(ledger)
        _finish(ledger, now)
        fresh = ledger.folder / FRESH
        if to is None:
            _make(fresh)
        public = (to or _read(fresh)).public_key().public_bytes_raw()
        body = {"public": _text(public)}
        if now is not None:
            body["previous"] = _text(now.public)
            if now.public == public:
                raise RequestError("this is the key that counts already")
        if old is not None:
            statement = handover(origin(ledger), head.seq, head.root, public)
            body["signature"] = _text(old.sign(statement))
        ledger.append(KEY_KIND, body, at, by)
        found = named(ledger)
        _finish(ledger, found)
        if to is not None:
            (ledger.folder / OWN).unlink(missing_ok=True)
        if found is None:  # it was appended above
            raise IntegrityError("the new key is not in the ledger", "See `sekisho ledger verify`.")
        return found


def sign_now(ledger: Ledger, given: Ed25519PrivateKey | None, at: datetime, by: str) -> SignedHead:
    """Sign the ledger as it stands and keep that head beside it. Verify the ledger before."""
    with ledger.exclusive():
        key = signing_key(ledger, given, at, by)
        head = sign(ledger.recover(at), origin(ledger), key)
        try:
            keep(ledger.folder, head)
        except OSError as error:
            raise NotWritten(f"cannot keep the signed head: {error.strerror}") from error
        return head


def _finish(ledger: Ledger, now: Named | None) -> None:
    """A rotation that was killed after its entry: the new key takes its place."""
    fresh = ledger.folder / FRESH
    if now is not None and fresh.exists() and _public(fresh) == now.public:
        fresh.replace(ledger.folder / OWN)


def _public(path: Path) -> bytes:
    return _read(path).public_key().public_bytes_raw()


def _make(path: Path) -> None:
    pem = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    try:
        write_whole(path, pem)
    except OSError as error:
        raise NotWritten(f"cannot write {path}: {error.strerror}") from error


def _read(path: Path) -> Ed25519PrivateKey:
    try:
        mode = path.lstat().st_mode
        if not stat.S_ISREG(mode) or mode & 0o077:
            raise Refused(f"{path} may be read by others, or is no file", f"chmod 600 {path}")
        with path.open("rb") as stream:
            return private_key(stream.read(_LARGEST), str(path))
    except OSError as error:
        raise RequestError(f"cannot read {path}: {error.strerror}") from error


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()
