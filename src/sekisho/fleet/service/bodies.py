"""Read a request's body within bounds: it is refused while it streams, and never held whole to be refused.

`Room` bounds what all requests hold together, so that many that are each within the bound are bounded too.
"""

from __future__ import annotations

import asyncio
import re
import zlib
from collections.abc import AsyncIterator

from sekisho.fleet.service.wire import Refused

PATIENCE = 30.0
"""Seconds that a body may take."""
_KEY = re.compile(rb'"node_key"\s*:\s*"([A-Za-z0-9_-]{43})"')


class Room:
    """Bytes that the bodies of all requests hold together."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.held = 0

    def take(self, size: int) -> None:
        """Take so much. Raises Refused where there is no room."""
        if self.held + size > self.most:
            raise Refused("no_room", "too much is being received at the moment", 503)
        self.held += size

    def give(self, size: int) -> None:
        """Give it back."""
        self.held -= size


class Body:
    """One request's; use it as a context manager, which gives its room back."""

    def __init__(self, room: Room, most: int) -> None:
        self._room = room
        self._most = most
        self._held = 0
        self._begin = b""

    def __enter__(self) -> Body:
        return self

    def __exit__(self, *_: object) -> None:
        self._room.give(self._held)

    async def read(self, chunks: AsyncIterator[bytes], length: str, encoding: str) -> bytes:
        """The whole of it, unpacked where it is gzip. `length` is what its header says, '' if nothing.

        Raises Refused.
        """
        if length.isascii() and length.isdigit() and int(length[:20]) > self._most:
            raise self._too_large()
        if encoding not in ("", "identity", "gzip"):
            raise Refused("compressed", f"the encoding {encoding[:40]!r} is not known", 415)
        unpack = zlib.decompressobj(zlib.MAX_WBITS | 16) if encoding == "gzip" else None
        parts: list[bytes] = []
        try:
            async with asyncio.timeout(PATIENCE):
                async for chunk in chunks:
                    for part in self._unpacked(unpack, chunk) if unpack else (chunk,):
                        self._keep(part, parts)
        except TimeoutError as error:
            raise Refused("cut_off", f"the body did not come within {PATIENCE:g} s", 408) from error
        if unpack is not None and not unpack.eof:
            raise Refused("compressed", "the gzip stream ends before its end")
        return b"".join(parts)

    def key_in_part(self) -> str:
        """The node key that stood at the beginning of a body that was refused; '' where none did."""
        match = _KEY.search(self._begin)
        return match[1].decode() if match else ""

    def _keep(self, part: bytes, parts: list[bytes]) -> None:
        if not part:
            return
        if not parts:
            self._begin = part[:4096]
        if self._held + len(part) > self._most:
            raise self._too_large()
        self._room.take(len(part))
        self._held += len(part)
        parts.append(part)

    def _unpacked(self, unpack: zlib._Decompress, chunk: bytes) -> list[bytes]:
        found = []
        try:
            while chunk and not unpack.eof:
                # One byte beyond the bound is enough to know: a bomb is not unpacked to be weighed.
                part = unpack.decompress(chunk, self._most - self._held + 1)
                if len(part) > self._most - self._held:
                    raise self._too_large()
                found.append(part)
                chunk = unpack.unconsumed_tail
        except zlib.error as error:
            raise Refused("compressed", "the body is no gzip") from error
        if unpack.unused_data:
            raise Refused("compressed", "there is something behind the gzip stream")
        return found

    def _too_large(self) -> Refused:
        return Refused("too_large", f"a body is at most {self._most} bytes", 413)
