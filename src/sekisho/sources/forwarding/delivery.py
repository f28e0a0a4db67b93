"""One segment on its way to the centre: from where the centre has it until it says that it is durable."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeVar

import httpx
from pydantic import ValidationError

from sekisho.sources.forwarding import wire
from sekisho.sources.forwarding.pacing import Pace
from sekisho.sources.journal.segments import SealedSegment, content_sha256
from sekisho.sources.lines import Damaged

SMALL = 256 << 10
"""Bytes up to which a segment is sent without asking first how much of it is there."""
TRIES = 3
"""How often a segment is sent again from its start when the centre finds it is not what it should be."""
_CHUNK = 64 << 10
Answer = TypeVar("Answer", bound=wire.Message)
_LARGEST_ANSWER = 1 << 20


class NotNow(Exception):
    """The centre cannot be reached, or takes nothing from this site now; `after` seconds it may."""

    def __init__(self, reason: str, after: float = 0.0) -> None:
        super().__init__(reason)
        self.after = after


class Unwanted(Exception):
    """The centre will never take this segment."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """A connection to the centre. `wait` lets so many seconds pass; both are shared between lanes."""

    client: httpx.Client
    pace: Pace
    wait: Callable[[float], object]

    def greet(self, hello: wire.Hello) -> wire.Welcome:
        """Say how things are here. Raises NotNow."""
        request = self.client.build_request(
            "POST",
            wire.HELLO,
            content=hello.model_dump_json(),
            headers={"content-type": "application/json"},
        )
        status, body = self._answer(request)
        if status != 200:
            raise _refused(status, body)
        return _parsed(wire.Welcome, body)

    def deliver(
        self, segment: SealedSegment, lane: wire.Lane, *, apart: bool, asking: bool
    ) -> wire.Receipt:
        """Bring a segment to the centre; it is durable there when this returns.

        `asking` says that a part of it may be there already. Raises NotNow, Unwanted, FileNotFoundError.
        """
        try:
            sha256 = content_sha256(segment)
        except Damaged as damage:
            raise Unwanted(str(damage)) from damage
        url = f"{wire.SEGMENTS}/{sha256}"
        asking = asking or segment.size > SMALL
        for _ in range(TRIES):
            begin = 0
            if asking:
                held = self._held(url, lane)
                if held.state == "stored":
                    return wire.Receipt(state="known")
                # A part that is longer than all there is was another compression's.
                begin = held.offset if held.offset <= segment.size else 0
            status, body = self._put(url, segment, lane, begin, apart=apart)
            if status == 200:
                return _parsed(wire.Receipt, body)
            if status == 413:
                raise Unwanted(_reason(status, body))
            if status not in (202, 409, 422):
                raise _refused(status, body)
            asking = True
        if status == 422:
            raise Unwanted(_reason(status, body))
        raise NotNow(_reason(status, body))

    def _held(self, url: str, lane: wire.Lane) -> wire.Held:
        request = self.client.build_request("GET", url, headers={wire.LANE_HEADER: lane})
        status, body = self._answer(request)
        if status != 200:
            raise _refused(status, body)
        return _parsed(wire.Held, body)

    def _put(
        self, url: str, segment: SealedSegment, lane: wire.Lane, begin: int, *, apart: bool
    ) -> tuple[int, bytes]:
        headers = {
            wire.NAME_HEADER: segment.name,
            wire.LANE_HEADER: f"{lane} apart" if apart else lane,
            "content-range": str(wire.Range(begin, segment.size, segment.size)),
            "content-length": str(segment.size - begin),
        }
        content = self._content(segment, begin)
        return self._answer(self.client.build_request("PUT", url, content=content, headers=headers))

    def _content(self, segment: SealedSegment, begin: int) -> Iterator[bytes]:
        with segment.path.open("rb") as stream:
            stream.seek(begin)
            while chunk := stream.read(_CHUNK):
                pause = self.pace.take(len(chunk))
                if pause:
                    self.wait(pause)
                yield chunk

    def _answer(self, request: httpx.Request) -> tuple[int, bytes]:
        try:
            response = self.client.send(request, stream=True)
            try:
                body = bytearray()
                for chunk in response.iter_raw():
                    body += chunk
                    if len(body) > _LARGEST_ANSWER:
                        raise NotNow("the answer is longer than any of the centre's")
            finally:
                response.close()
        except httpx.HTTPError as error:
            raise NotNow(f"{type(error).__name__}: {error}") from error
        after = response.headers.get("retry-after", "")
        if response.status_code in (429, 503, 507):
            reason = _reason(response.status_code, bytes(body))
            raise NotNow(reason, float(after) if after.isdecimal() and len(after) < 6 else 0.0)
        return response.status_code, bytes(body)


def _parsed(kind: type[Answer], body: bytes) -> Answer:
    try:
        return kind.model_validate_json(body)
    except ValidationError as error:
        raise NotNow("the answer is none of the centre's") from error


def _refused(status: int, body: bytes) -> NotNow:
    return NotNow(_reason(status, body))


def _reason(status: int, body: bytes) -> str:
    try:
        refusal = wire.Refusal.model_validate_json(body)
    except ValidationError:
        return f"the centre answered {status}"
    return f"the centre answered {status}: {refusal.message[:300]}"
