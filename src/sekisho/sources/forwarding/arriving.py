"""The bytes of a segment as they come in: bounded, and kept where the line is cut."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import anyio
from anyio.to_thread import run_sync

from sekisho.sources.forwarding.screening import Unacceptable
from sekisho.sources.forwarding.wire import LANE_HEADER, NAME_HEADER, Lane, Range, parse_range

STALL = 30.0
"""Seconds without a byte after which an upload is let go; what came of it stays."""
_AT_ONCE = 1 << 20


@dataclass(frozen=True, slots=True)
class Offer:
    """What a site says of a segment that it sends. `number` is its name there, never a path here."""

    number: int
    lane: Lane
    apart: bool
    range: Range


def read_offer(headers: Mapping[str, str]) -> Offer:
    """From a request's headers. Raises Unacceptable."""
    name = headers.get(NAME_HEADER, "")
    if len(name) != 20 or not (name.isascii() and name.isdecimal()) or int(name) >= 1 << 62:
        raise Unacceptable("name", "a segment's name is 20 digits")
    lane, _, rest = headers.get(LANE_HEADER, "").partition(" ")
    if lane not in ("live", "late") or rest not in ("", "apart"):
        raise Unacceptable("lane", "a lane is `live` or `late`")
    found = parse_range(headers.get("content-range", ""))
    if found is None:
        raise Unacceptable("range", "`Content-Range` is missing or says nothing that can be")
    return Offer(int(name), "live" if lane == "live" else "late", rest == "apart", found)


async def append(stream: AsyncIterator[bytes], part: Path, piece: Range) -> int:
    """Write a stream from `piece.begin` on; where it ends, which is `piece.end` when all has come.

    Raises Unacceptable where more comes than was said, TimeoutError where nothing does; what was written
    stays in either case.
    """
    # Writing waits for disks; the loop serves others meanwhile.
    out = await run_sync(_open, part, piece.begin)
    waiting, end = bytearray(), piece.begin
    try:
        async for chunk in _hurried(stream):
            if end + len(waiting) + len(chunk) > piece.end:
                raise Unacceptable("range", "more bytes came than `Content-Range` says")
            waiting += chunk
            if len(waiting) >= _AT_ONCE:
                end += await run_sync(out.write, bytes(waiting))
                waiting.clear()
    finally:
        with anyio.CancelScope(shield=True):
            try:
                end += await run_sync(out.write, bytes(waiting))
            finally:
                await run_sync(out.close)
    return end


def _open(part: Path, begin: int) -> BinaryIO:
    out = part.open("r+b" if begin else "wb")
    out.seek(begin)
    out.truncate()
    return out


async def _hurried(stream: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    while True:
        with anyio.fail_after(STALL):
            try:
                chunk = await anext(stream)
            except StopAsyncIteration:
                return
        yield chunk
