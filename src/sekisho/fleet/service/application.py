"""The ASGI application: five paths, each reads its request, asks the desk, and answers.

There is no router and no middleware between: at 500 requests a second they would cost more than the rest.
"""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable
from typing import TypeVar

from msgspec import Raw, Struct
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from sekisho.fleet.service import asking, keys, wire
from sekisho.fleet.service.asking import Reply, refusal
from sekisho.fleet.service.bodies import Body, Room
from sekisho.fleet.service.desk import Desk
from sekisho.fleet.service.dispatch import Outcome
from sekisho.fleet.service.enrolment import enrolling
from sekisho.fleet.service.limits import Gate
from sekisho.fleet.service.wire import MOST_LINES, MOST_QUERIES, PATHS, Refused
from sekisho.model.nodes import Kind

SMALL = 64 << 10
"""Bytes of a request that brings nothing but a key, or a machine's name."""
_KINDS: dict[str, Kind] = {"result": "result", "status": "status"}
_FAILURES = frozenset({"not_json", "wrong_shape", "compressed", "too_large", "unknown_key"})
_T = TypeVar("_T", bound=Struct)


class Application:
    """To be served with TLS. `largest` is a body's bound in bytes, `site_of` the site of an address."""

    def __init__(
        self,
        desk: Desk,
        gate: Gate,
        room: Room,
        *,
        pepper: bytes,
        largest: int,
        site_of: Callable[[str], str | None],
    ) -> None:
        self._desk = desk
        self._gate = gate
        self._room = room
        self._pepper = pepper
        self._largest = largest
        self._site_of = site_of
        self._handlers: dict[str, tuple[int, Callable[[bytes, str], Awaitable[Reply]]]] = {
            PATHS["enroll"]: (SMALL, self._enroll),
            PATHS["config"]: (SMALL, self._config),
            PATHS["read"]: (SMALL, self._read),
            PATHS["write"]: (largest, self._write),
            PATHS["log"]: (largest, self._log),
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if scope["type"] != "http":
            return
        handler = self._handlers.get(scope["path"])
        if handler is None or scope["method"] != "POST":
            status = 404 if handler is None else 405
            await Response(b"", status, {"connection": "close"})(scope, receive, send)
            return
        client = scope.get("client")
        address = str(client[0]) if client else ""
        request = Request(scope, receive)
        headers = {}
        most, handle = handler
        body = Body(self._room, most)
        try:
            with body:
                content = await body.read(
                    request.stream(),
                    request.headers.get("content-length", ""),
                    request.headers.get("content-encoding", "").strip().lower(),
                )
                reply = await handle(content, address)
        except ClientDisconnect:
            self._desk.note("cut_off", "hung up within a body", address=address)
            return
        except Refused as error:
            shown = body.key_in_part()
            key = self._hash(shown) if shown else ""
            self._desk.note(error.reason, error.words, key=key, address=address)
            if error.reason in _FAILURES:
                self._gate.failed(address, key)
            reply = refusal(error.reason, error.words, error.status)
            # What else of the body is on its way is not read.
            headers["connection"] = "close"
        await Response(reply.body, reply.status, headers, "application/json")(scope, receive, send)

    def _hash(self, key: str) -> str:
        return keys.hashed(key, self._pepper, "node")

    def _keyed(self, key: str, address: str) -> str:
        found = self._hash(key)
        self._gate.node(found, address)
        return found

    async def _asked(self, asked: asking.Config | asking.Read | asking.Write | asking.Log) -> Reply:
        reply = await self._desk.ask(asked)
        if reply.invalid:
            self._gate.failed(asked.address, asked.key)
        else:
            self._gate.good(asked.key)
        return reply

    async def _enroll(self, content: bytes, address: str) -> Reply:
        self._gate.enrolment(address)
        request = wire.read(wire.Enroll, content)
        key = keys.new()
        who = enrolling(
            request,
            address=address,
            secret=keys.hashed(request.enroll_secret.strip(), self._pepper, "enrol"),
            key=self._hash(key),
        )
        reply = await self._desk.ask(asking.Enrol(who, key, self._site_of(address)))
        if reply.invalid:
            self._gate.failed(address)
        elif reply.status == 200:
            # Who just got a key is not taken for a stranger, whatever else comes from its address.
            self._gate.good(who.key)
        return reply

    async def _config(self, content: bytes, address: str) -> Reply:
        key = self._keyed(wire.read(wire.Keyed, content).node_key, address)
        return await self._asked(asking.Config(key, address))

    async def _read(self, content: bytes, address: str) -> Reply:
        key = self._keyed(wire.read(wire.Keyed, content).node_key, address)
        return await self._asked(asking.Read(key, address))

    async def _write(self, content: bytes, address: str) -> Reply:
        request = wire.read(wire.Write, content)
        key = self._keyed(request.node_key, address)
        self._gate.brings(key, len(content))
        if max(len(request.queries), len(request.statuses)) > MOST_QUERIES:
            raise Refused("wrong_shape", f"more than {MOST_QUERIES} queries at once")
        answers: dict[str, asking.Answer] = {}
        refused: dict[str, str] = {}
        # A query that failed may have a status and no rows.
        for query in dict.fromkeys((*request.queries, *request.statuses)):
            raw = wire.as_text(request.queries.get(query, _NO_ROWS))
            try:
                found = wire.rows(raw)
            except Refused as error:
                refused[query] = error.words
                continue
            status = wire.status_of(request.statuses.get(query))
            message = (request.messages.get(query) or "")[:400]
            digest = hashlib.sha256(f"{status}\x1f{message}\x1f".encode() + bytes(raw))
            stats = wire.stats_of(request.stats.get(query))
            outcome = Outcome(status, message, digest.hexdigest()[:32], stats)
            answers[query] = asking.Answer(outcome, raw if found else _NO_ROWS)
        return await self._asked(asking.Write(key, address, answers, refused))

    async def _log(self, content: bytes, address: str) -> Reply:
        request = wire.read(wire.Log, content)
        key = self._keyed(request.node_key, address)
        self._gate.brings(key, len(content))
        kind = _KINDS.get(request.log_type)
        if kind is None:
            raise Refused("wrong_shape", "log_type is neither result nor status")
        if len(request.data) > MOST_LINES:
            raise Refused("wrong_shape", f"more than {MOST_LINES} lines at once")
        lines: list[tuple[str, Raw]] = []
        bad = 0
        for line in request.data:
            raw = wire.as_text(line)
            try:
                lines.append((wire.host_of(raw), raw))
            except Refused:
                bad += 1
        return await self._asked(asking.Log(key, address, kind, lines, bad))


_NO_ROWS = Raw(b"[]")
