"""Reading gzip and zstd as a stream, whatever the name of the file, within bounded memory.

A stream that is cut off or corrupt gives everything that can be decoded and then raises Damaged.
"""

from __future__ import annotations

import io
import zlib
from typing import BinaryIO

import pyarrow as pa

from sekisho.sources.lines import Damaged

GZIP, ZSTD = b"\x1f\x8b\x08", b"\x28\xb5\x2f\xfd"
_SKIPPABLE = {bytes((low, 0x2A, 0x4D, 0x18)) for low in range(0x50, 0x60)}
_CHUNK = 1 << 18
_BOMB_SIZE = 4 << 30
_BOMB_RATIO = 900
"""Beyond 4 GiB a ratio over 900 is a bomb; logs of one repeated line stay below or end sooner."""


class Hashed(io.RawIOBase):
    """A file that passes everything read to `update` as well, in order and once."""

    def __init__(self, raw: BinaryIO, update: object = None) -> None:
        self._raw = raw
        self._update = update if callable(update) else None
        self.size = 0

    def readable(self) -> bool:
        """Always."""
        return True

    def read(self, size: int = -1) -> bytes:
        """The next bytes of the file."""
        data = self._raw.read(size)
        self.size += len(data)
        if self._update is not None and data:
            self._update(data)
        return data

    def close(self) -> None:
        """Close the file as well."""
        self._raw.close()
        super().close()


class _Inflating(io.RawIOBase):
    """What the three kinds of content have in common: `read` in bounded steps."""

    def __init__(self, raw: BinaryIO | Hashed) -> None:
        self._raw = raw
        self.given = 0
        self._taken = 0
        self._ready = bytearray()
        self._damage: Damaged | None = None
        self._done = False

    def readable(self) -> bool:
        """Always."""
        return True

    def close(self) -> None:
        """Close the file beneath."""
        self._raw.close()
        super().close()

    def read(self, size: int = -1) -> bytes:
        """Up to `size` decompressed bytes, fewer only before the end; then Damaged if there is damage."""
        wanted = size if size >= 0 else 1 << 62
        while len(self._ready) < wanted and not self._done and self._damage is None:
            try:
                self._more(min(wanted - len(self._ready), _CHUNK * 4))
            except Damaged as damage:
                self._damage = damage
        if not self._ready and self._damage is not None:
            raise self._damage
        data = bytes(self._ready[:wanted])
        del self._ready[: len(data)]
        return data

    def _more(self, wanted: int) -> None:
        raise NotImplementedError

    def _give(self, data: bytes) -> None:
        self._ready += data
        self.given += len(data)
        if self.given > _BOMB_SIZE and self.given > _BOMB_RATIO * max(self._taken, 1):
            raise Damaged(f"the content is more than {_BOMB_RATIO} times its compressed size")

    def _take(self) -> bytes:
        data = self._raw.read(_CHUNK)
        self._taken += len(data)
        return data


class Gunzip(_Inflating):
    """gzip (RFC 1952), any number of members, zero padding after the last one allowed."""

    def __init__(self, raw: BinaryIO | Hashed) -> None:
        super().__init__(raw)
        self._member = zlib.decompressobj(wbits=31)
        self._input = b""
        self._began = False

    def _more(self, wanted: int) -> None:
        if not self._input:
            self._input = self._take()
            if not self._input:
                self._done = True
                if self._began:
                    raise Damaged(f"the gzip stream is cut off after {self.given} bytes of content")
                return
        if not self._began:
            self._input = self._input.lstrip(b"\0") if self.given else self._input
            if not self._input:
                return
            self._began = True
        try:
            data = self._member.decompress(self._input, wanted)
        except zlib.error as error:
            raise Damaged(f"the gzip stream is corrupt after {self.given} bytes of content") from error
        self._input = self._member.unconsumed_tail
        if self._member.eof:
            self._input = self._member.unused_data
            self._member = zlib.decompressobj(wbits=31)
            self._began = False
        self._give(data)


class Unzstd(_Inflating):
    """zstd (RFC 8878), any number of frames."""

    def __init__(self, raw: BinaryIO | Hashed) -> None:
        super().__init__(raw)
        self._stream = pa.CompressedInputStream(pa.PythonFile(_Counted(self), mode="r"), "zstd")

    def _more(self, wanted: int) -> None:
        try:
            data = self._stream.read(wanted)
        except OSError as error:
            kind = "cut off" if "runcated" in str(error) else "corrupt"
            raise Damaged(f"the zstd stream is {kind} after {self.given} bytes of content") from error
        self._done = not data
        self._give(data)

    def close(self) -> None:
        """Close both."""
        super().close()


class _Counted(io.RawIOBase):
    """The compressed bytes of a stream, counted."""

    def __init__(self, owner: _Inflating) -> None:
        self._owner = owner

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        data = self._owner._raw.read(size)
        self._owner._taken += len(data)
        return data


def packed(first: bytes) -> bool:
    """Whether content that begins with `first` is compressed in a way that is read here."""
    return first.startswith((GZIP, ZSTD)) or first[:4] in _SKIPPABLE


def decompressed(raw: BinaryIO | Hashed, first: bytes) -> io.RawIOBase | None:
    """The stream that decompresses `raw`, which begins with `first`; None where it is not compressed."""
    if first.startswith(GZIP):
        return Gunzip(raw)
    if first.startswith(ZSTD) or first[:4] in _SKIPPABLE:
        return Unzstd(raw)
    return None
