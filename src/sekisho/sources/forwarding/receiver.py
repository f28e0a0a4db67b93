"""The centre's end of the line: who a certificate stands for, what it may deliver, how much at once."""

from __future__ import annotations

import errno
import math
import shutil
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from anyio.to_thread import run_sync
from pydantic import ValidationError
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from sekisho.errors import SekishoError
from sekisho.sources.forwarding import wire
from sekisho.sources.forwarding.arriving import append, read_offer
from sekisho.sources.forwarding.peer import peer_of
from sekisho.sources.forwarding.rates import MOST, Rates
from sekisho.sources.forwarding.received import Received
from sekisho.sources.forwarding.screening import LARGEST_SEGMENT, Screened, Unacceptable, screen

AT_ONCE = 4
"""Uploads of one collector that are worked on together."""
RESERVE = 1 << 30
"""Bytes that stay free on the disk whatever sites have to send."""
SKEW = timedelta(seconds=5)
"""A site's clock that is further off is told of."""
RATE = 200.0
"""Requests a second of one certificate: twice what a returning site needs on a line without delay."""
AGAIN = timedelta(hours=1)
"""How long the same thing is not told again."""

Tell = Callable[..., None]
"""Told (event, fields…) of what a person should know."""


@dataclass(frozen=True, slots=True)
class Collector:
    """Who may deliver: certificates as `sha256:HEX` or by DNS name, exporters as JSON shows addresses."""

    name: str
    certificates: tuple[str, ...]
    exporters: frozenset[str]


class _Answer(Exception):
    """A request that ends here."""

    def __init__(
        self, status: int, code: str, message: str, *, offset: int = 0, after: int = 0
    ) -> None:
        super().__init__(message)
        self.status, self.after = status, after
        self.refusal = wire.Refusal(code=code, message=message, offset=offset)


class Receiver:
    """The application. `directory` gives the collectors of this moment, and raises while it cannot.

    `limit` is how many bytes of one collector may wait for the lake, `rate` how many requests of one
    certificate are answered a second.
    """

    def __init__(
        self,
        received: Received,
        directory: Callable[[], Mapping[str, Collector]],
        *,
        now: Callable[[], datetime],
        tell: Tell,
        limit: int,
        rate: float = RATE,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._received = received
        self._directory = directory
        self._now = now
        self._tell = tell
        self._limit = limit
        self._rate = rate
        self._rates = Rates(rate, monotonic)
        self._names: dict[str, str] = {}
        self._busy: dict[str, set[str]] = {}
        self._last_told: dict[tuple[str, str], datetime] = {}
        self._waiting: dict[str, tuple[datetime, int]] = {}

    def application(self) -> Starlette:
        """To be served with TLS and client certificates."""
        one = f"{wire.SEGMENTS}/{{sha256}}"
        return Starlette(
            routes=[
                Route(wire.HELLO, self._handled(self._hello), methods=["POST"]),
                Route(one, self._handled(self._held), methods=["GET"]),
                Route(one, self._handled(self._segment), methods=["PUT"]),
            ]
        )

    def _handled(
        self, handler: Callable[[Request, Collector], Awaitable[Response]]
    ) -> Callable[[Request], Awaitable[Response]]:
        async def handle(request: Request) -> Response:
            try:
                self._not_too_often(request)
                return await handler(request, await self._who(request))
            except _Answer as answer:
                headers = {"retry-after": str(answer.after)} if answer.after else {}
                return _json(answer.refusal, answer.status, headers)
            except Unacceptable as error:
                return _json(wire.Refusal(code=error.code, message=str(error)), 422)
            except (ClientDisconnect, TimeoutError):
                return _json(wire.Refusal(code="cut", message="the rest did not come"), 408)
            except OSError as error:
                if error.errno not in (errno.ENOSPC, errno.EDQUOT):
                    raise
                return _json(wire.Refusal(code="full", message="the disk is full"), 507)

        return handle

    def _not_too_often(self, request: Request) -> None:
        peer = peer_of(request.scope)
        wait = 0.0 if peer is None else self._rates.take(peer.fingerprint, late=_is_late(request))
        if peer is None or not wait:
            return
        name = self._names.get(peer.fingerprint, "")
        self._rates.refused(name)
        self._say("often", name or peer.fingerprint, requests_a_second=self._rate)
        why = f"more than {self._rate:g} requests a second came with this certificate"
        raise _Answer(429, "often", why, after=math.ceil(wait))

    async def _who(self, request: Request) -> Collector:
        peer = peer_of(request.scope)
        if peer is None:
            raise _Answer(403, "no_certificate", "there is no client certificate")
        if not peer.is_valid(self._now()):
            raise _Answer(403, "expired", f"the certificate expired {peer.end.isoformat()}")
        try:
            collectors = await run_sync(self._directory)
        except SekishoError as error:
            # Sites keep what they have; letting one in that was just taken out would be worse.
            self._say("settings", "", problem=str(error))
            raise _Answer(503, "settings", "the centre's settings cannot be read", after=15) from error
        meant = [one for one in collectors.values() if any(map(peer.is_called, one.certificates))]
        if len(meant) != 1:
            several = ", ".join(one.name for one in meant)
            self._say("stranger", peer.fingerprint, names=sorted(peer.names), collectors=several)
            why = f"belongs to several collectors: {several}" if meant else "belongs to no collector"
            raise _Answer(403, "unknown", f"the certificate {peer.fingerprint} {why}")
        if len(self._names) >= MOST:
            self._names.clear()
        self._names[peer.fingerprint] = meant[0].name
        return meant[0]

    def settle(self) -> None:
        """Note how many requests were refused for their number since the last time. Called now and then.

        Raises sqlite3.OperationalError where that cannot be kept: it is noted the next time.
        """
        counts = self._rates.counted()
        if counts:
            self._received.refused(counts, self._now())
            self._rates.settled(counts)

    async def _hello(self, request: Request, collector: Collector) -> Response:
        body = bytearray()
        async for chunk in request.stream():
            body += chunk
            if len(body) > wire.LARGEST_HELLO:
                raise _Answer(413, "too_large", "a hello is at most 1 MiB")
        now = self._now()
        try:
            hello = wire.Hello.model_validate_json(bytes(body))
            ahead = hello.now - now
        except (ValidationError, OverflowError) as error:
            raise _Answer(422, "hello", "this is no hello") from error
        if abs(ahead) > SKEW:
            self._say("clock", collector.name, ahead_seconds=ahead.total_seconds())
        for span in hello.dropped:
            lost = {"begin": span.begin.isoformat(), "end": span.end.isoformat(), "why": span.why}
            self._say("dropped", f"{collector.name} {span.id}", segments=span.segments, **lost)
        await run_sync(self._received.heard, collector.name, hello, ahead, now)
        return _json(
            wire.Welcome(collector=collector.name, now=now, ahead_seconds=ahead.total_seconds())
        )

    async def _held(self, request: Request, collector: Collector) -> Response:
        return _json(await run_sync(self._received.held, collector.name, _hash(request)))

    async def _segment(self, request: Request, collector: Collector) -> Response:
        sha256 = _hash(request)
        offer = read_offer(request.headers)
        piece = offer.range
        if not 0 < piece.total <= LARGEST_SEGMENT:
            raise _Answer(413, "too_large", f"a segment has 1 to {LARGEST_SEGMENT} bytes")
        with self._slot(collector.name, sha256):
            held = await run_sync(self._received.held, collector.name, sha256)
            if held.state == "stored":
                return _json(wire.Receipt(state="known"))
            if piece.begin not in (0, held.offset):
                raise _Answer(409, "offset", "there is another part here", offset=held.offset)
            await self._room(collector.name)
            part = self._received.part(collector.name, sha256)
            if piece.begin < piece.end:
                end = await append(request.stream(), part, piece)
                if end < piece.total:
                    return _json(wire.Held(state="partial", offset=end), 202)
            screened = await self._screened(collector, sha256)
            # Taken out of the settings meanwhile: nothing of it counts.
            collector = await self._who(request)
            place = partial(
                self._received.place,
                collector.name,
                sha256,
                screened,
                number=offer.number,
                lane=offer.lane,
                apart=offer.apart,
                now=self._now(),
            )
            await run_sync(place)
        if screened.foreign_records:
            self._say(
                "foreign",
                f"{collector.name} {' '.join(sorted(screened.foreign)[:3])}",
                records=screened.foreign_records,
            )
        return _json(
            wire.Receipt(
                state="stored",
                records=screened.records,
                foreign=screened.foreign,
                foreign_records=screened.foreign_records,
            )
        )

    async def _screened(self, collector: Collector, sha256: str) -> Screened:
        part = self._received.part(collector.name, sha256)
        own = part.with_suffix(".own")
        try:
            return await run_sync(partial(screen, part, sha256, collector.exporters, own=own))
        except Unacceptable as error:
            part.unlink(missing_ok=True)
            self._say("broken", f"{collector.name} {error.code}", problem=str(error))
            raise

    async def _room(self, collector: str) -> None:
        now = self._now()
        when, waiting = self._waiting.get(collector, (now, -1))
        if waiting < 0 or abs(now - when) > SKEW:
            waiting = await run_sync(self._received.waiting, collector)
            self._waiting[collector] = now, waiting
        free = (await run_sync(shutil.disk_usage, self._received.root)).free
        if waiting > self._limit or free < RESERVE:
            self._say("full", collector, waiting=waiting, free=free)
            raise _Answer(507, "full", "the centre has no room until the lake has caught up", after=10)

    @contextmanager
    def _slot(self, collector: str, sha256: str) -> Iterator[None]:
        busy = self._busy.setdefault(collector, set())
        if sha256 in busy or len(busy) >= AT_ONCE:
            raise _Answer(429, "busy", f"{len(busy)} uploads of this collector are worked on", after=1)
        busy.add(sha256)
        try:
            yield
        finally:
            busy.discard(sha256)

    def _say(self, event: str, about: str, **fields: Any) -> None:
        now = self._now()
        if len(self._last_told) > 10_000:
            self._last_told.clear()
        last = self._last_told.get((event, about))
        if last is None or abs(now - last) >= AGAIN:
            self._last_told[event, about] = now
            self._tell(event, about=about, **fields)


def _is_late(request: Request) -> bool:
    return request.headers.get(wire.LANE_HEADER, "").startswith("late")


def _hash(request: Request) -> str:
    sha256 = str(request.path_params["sha256"])
    if wire.HASH.fullmatch(sha256) is None:
        raise _Answer(404, "hash", "a segment is named by 64 hexadecimal digits")
    return sha256


def _json(
    message: wire.Message, status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    return Response(message.model_dump_json(), status, headers, "application/json")
