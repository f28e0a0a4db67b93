"""Secrets and node keys: 256 random bits each, kept as a keyed hash alone.

Slow hashes (Argon2, scrypt) are for what people choose and a thief can guess. Nobody guesses 256 random bits,
with a fast hash or without; and a key is looked up at every request, 500 times a second and more, by the hash
itself, so it can bear no salt of its own. The hash is keyed (BLAKE2b, RFC 7693) with bytes that lie beside the
workspace's data and not in the database: a stolen copy of the database shows nothing to compare with.
"""

from __future__ import annotations

import hashlib
import secrets

LENGTH = 43
"""Characters of a key: 32 bytes in base64url."""


def new() -> str:
    """A secret or a key that nobody has ever seen."""
    return secrets.token_urlsafe(32)


def hashed(text: str, pepper: bytes, what: str) -> str:
    """What is kept of it; `what` keeps secrets and keys apart."""
    return hashlib.blake2b(
        text.encode("utf-8", "surrogatepass"), key=pepper, person=what.encode()[:16], digest_size=32
    ).hexdigest()
