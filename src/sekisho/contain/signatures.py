"""Signatures by SSH keys (OpenSSH's PROTOCOL.sshsig), verified without asking anybody.

They are what `ssh-keygen -Y sign` writes, so keys may be in an agent or in hardware, and never come here.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
import struct
from collections.abc import Iterable
from dataclasses import dataclass

from sekisho.errors import RequestError

NAMESPACE = "sekisho"
MAX_SIGNATURE = 64 << 10
_MAGIC = b"SSHSIG"
_ARMOUR = re.compile(
    r"\A\s*-----BEGIN SSH SIGNATURE-----\s+([A-Za-z0-9+/=\s]+?)\s*-----END SSH SIGNATURE-----\s*\Z"
)
_HASHES = {b"sha256": hashlib.sha256, b"sha512": hashlib.sha512}
_LEAST_RSA = 2048


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A key that may sign, as one line of authorized_keys has it. `data` is its encoding."""

    text: str
    data: bytes

    @property
    def fingerprint(self) -> str:
        """As `ssh-keygen -l` shows it."""
        digest = base64.b64encode(hashlib.sha256(self.data).digest()).decode().rstrip("=")
        return f"SHA256:{digest}"


def read_key(text: str) -> PublicKey:
    """A public key. Raises ValueError that says what is wrong with it."""
    # A fifth of a second to import, and every command reads the settings.
    import asyncssh

    try:
        key = asyncssh.import_public_key(text.strip())
    except (asyncssh.KeyImportError, ValueError, TypeError) as error:
        raise ValueError(f"is no public key of SSH: {error}") from error
    size = getattr(getattr(key.pyca_key, "key_size", None), "real", None)
    if key.get_algorithm() == "ssh-rsa" and size is not None and size < _LEAST_RSA:
        raise ValueError(f"is an RSA key of {size} bits; at least {_LEAST_RSA}")
    return PublicKey(" ".join(text.split()), key.public_data)


def signer(armoured: str, message: bytes, keys: Iterable[PublicKey]) -> PublicKey:
    """The key of `keys` that signed the message. Raises RequestError that says why nobody did."""
    import asyncssh

    public, signature, signed = _parts(armoured, message)
    found = next((key for key in keys if key.data == public), None)
    if found is None:
        seen = PublicKey("", public).fingerprint
        raise RequestError(
            f"the key that signed ({seen}) is nobody's", "list it under its person in sekisho.toml"
        )
    try:
        holds = asyncssh.import_public_key(found.text).verify(signed, signature)
    except (asyncssh.Error, ValueError, TypeError, struct.error):
        holds = False
    if not holds:
        raise RequestError(
            "the signature does not hold: it is of another text, or was changed",
            "sign what `--message` prints now",
        )
    return found


def _parts(armoured: str, message: bytes) -> tuple[bytes, bytes, bytes]:
    """(public key, signature, signed data)."""
    match = _ARMOUR.match(armoured) if len(armoured) <= MAX_SIGNATURE else None
    try:
        if match is None:
            raise ValueError("no armour")
        reader = _Reader(base64.b64decode("".join(match[1].split()), validate=True))
        if reader.take(len(_MAGIC)) != _MAGIC or reader.number() != 1:
            raise ValueError("no SSHSIG of version 1")
        public, namespace, reserved, algorithm, signature = (reader.string() for _ in range(5))
        if reader.left:
            raise ValueError("more than a signature")
    except (ValueError, binascii.Error, struct.error) as error:
        raise RequestError(
            f"that is no signature of SSH: {error}", "write it with `ssh-keygen -Y sign -n sekisho`"
        ) from error
    if namespace != NAMESPACE.encode():
        raise RequestError(
            f"the signature is for {namespace.decode(errors='replace')[:60]!r}, not for {NAMESPACE!r}",
            "sign with `ssh-keygen -Y sign -n sekisho`",
        )
    digest = _HASHES.get(algorithm)
    if digest is None:
        raise RequestError("the signature is over a hash that is not taken", "sha256 or sha512")
    parts = (namespace, reserved, algorithm, digest(message).digest())
    return public, signature, _MAGIC + b"".join(struct.pack(">I", len(p)) + p for p in parts)


class _Reader:
    """SSH's wire encoding, never read past its end."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    @property
    def left(self) -> int:
        return len(self._data)

    def take(self, size: int) -> bytes:
        if size > len(self._data):
            raise ValueError("cut short")
        taken, self._data = self._data[:size], self._data[size:]
        return taken

    def number(self) -> int:
        return int(struct.unpack(">I", self.take(4))[0])

    def string(self) -> bytes:
        return self.take(self.number())
