"""Linux gateways over SSH: pinned host keys, one script of our own there, texts by standard input.

Nothing that was read from logs or files becomes a word of a remote command: plans have ids of our own making.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import Iterator, Sequence
from contextlib import asynccontextmanager
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from sekisho.contain.gateways.base import GatewayStatus, Outcome
from sekisho.contain.points import Gateway

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    import asyncssh

_FOLDER = "${SEKISHO_GATE:-/var/lib/sekisho-gate}"
_SCRIPT = f'"{_FOLDER}/gate"'
_INSTALL = (
    f'd="{_FOLDER}"; umask 077 && mkdir -p "$d" && cat >"$d/.gate.$$"'
    # What came of a connection that broke must not be what runs at the next boot.
    ' && { [ "$(sha256sum <"$d/.gate.$$" | cut -d " " -f 1)" = %s ] || { rm "$d/.gate.$$"; exit 65; }; }'
    ' && chmod 700 "$d/.gate.$$" && mv "$d/.gate.$$" "$d/gate"'
)
_PLAN = re.compile(r"[A-Za-z0-9-]{1,40}")
MOST_OUTPUT = 1 << 20
MOST_LOGGED, LONGEST_LOG = 20, 400
_TIMEOUT = 30.0


class NotReached(Exception):
    """The gateway could not be talked to; the message says why."""


class Ssh:
    """Delivery over SSH. `keys` are private key files (an agent is asked as well); times are seconds."""

    def __init__(
        self, keys: Sequence[str] = (), *, connect: float = 10.0, run: float = _TIMEOUT
    ) -> None:
        self._keys, self._connect, self._run = tuple(keys), connect, run

    async def apply(self, gateway: Gateway, text: str, plan: str, seconds: int) -> Outcome:
        """See `Deliverer.apply`."""
        _checked(plan)
        try:
            async with self._session(gateway) as session:
                await self._install(session)
                apply = f"{_SCRIPT} apply {plan} {int(seconds)} {_sha256(text)}"
                await self._ask(session, apply, text)
        except NotReached as error:
            return Outcome("unreachable", str(error))
        except _Said as error:
            return Outcome("failed", str(error))
        return Outcome("applied")

    async def confirm(self, gateway: Gateway, plan: str) -> Outcome:
        """See `Deliverer.confirm`. A gateway that took it back by itself says so."""
        _checked(plan)
        try:
            async with self._session(gateway) as session:
                await self._ask(session, f"{_SCRIPT} confirm {plan}")
        except NotReached as error:
            return Outcome("unreachable", str(error))
        except _Said as error:
            if error.status == 74:
                return Outcome("rolled_back", f"it had taken it back: {error}")
            return Outcome("failed", str(error))
        return Outcome("confirmed")

    async def rollback(self, gateway: Gateway, plan: str) -> Outcome:
        """See `Deliverer.rollback`."""
        _checked(plan)
        try:
            async with self._session(gateway) as session:
                await self._ask(session, f"{_SCRIPT} rollback {plan}")
        except NotReached as error:
            return Outcome("unreachable", str(error))
        except _Said as error:
            if error.status == 74:
                return Outcome("rolled_back", str(error))
            return Outcome("failed", str(error))
        return Outcome("rolled_back")

    async def exempt(self, gateway: Gateway, text: str) -> Outcome:
        """See `Deliverer.exempt`."""
        try:
            async with self._session(gateway) as session:
                await self._install(session)
                await self._ask(session, f"{_SCRIPT} exempt", text)
        except NotReached as error:
            return Outcome("unreachable", str(error))
        except _Said as error:
            return Outcome("failed", str(error))
        return Outcome("applied")

    async def status(self, gateway: Gateway) -> GatewayStatus:
        """See `Deliverer.status`."""
        try:
            async with self._session(gateway) as session:
                await self._install(session)
                said = await self._ask(session, f"{_SCRIPT} status")
        except (NotReached, _Said) as error:
            return GatewayStatus(reached=False, why=str(error))
        return read_status(said)

    @asynccontextmanager
    async def _session(self, gateway: Gateway) -> AsyncIterator[asyncssh.SSHClientConnection]:
        import asyncssh

        pinned = pinned_keys(gateway)
        options: dict[str, Any] = {"client_keys": list(self._keys)} if self._keys else {}
        try:
            connection = await asyncssh.connect(
                str(gateway.address),
                gateway.port,
                username=gateway.user,
                known_hosts=(pinned, [], []),
                connect_timeout=self._connect,
                login_timeout=self._connect,
                keepalive_interval=5,
                config=None,
                **options,
            )
        except asyncssh.HostKeyNotVerifiable as error:
            raise NotReached(f"its host key is not the one that is pinned: {error}") from error
        except (OSError, asyncssh.Error, TimeoutError) as error:
            raise NotReached(_first(str(error)) or type(error).__name__) from error
        async with connection:
            yield connection

    async def _install(self, session: asyncssh.SSHClientConnection) -> None:
        text = script()
        await self._ask(session, _INSTALL % _sha256(text), text)

    async def _ask(
        self, session: asyncssh.SSHClientConnection, command: str, text: str | None = None
    ) -> str:
        import asyncssh

        try:
            out, err, status = await asyncio.wait_for(
                _answer(session, command, text or ""), timeout=self._run
            )
        except TimeoutError as error:
            raise NotReached(f"no answer within {self._run:g} s") from error
        except (OSError, asyncssh.Error) as error:
            raise NotReached(_first(str(error)) or "the session ended") from error
        if status != 0:
            raise _Said(_first(err) or f"ended with {status}", status)
        return out


async def _answer(
    session: asyncssh.SSHClientConnection, command: str, text: str
) -> tuple[str, str, int | None]:
    """What a command says, what it complains of, and how it ended. Raises NotReached where it says more than
    a gateway has to say: an intruder may own it."""
    async with session.create_process(command, errors="replace") as process:
        process.stdin.write(text)
        process.stdin.write_eof()
        out, err = await asyncio.gather(_bounded(process.stdout), _bounded(process.stderr))
        done = await process.wait(check=False)
        return out, err, done.exit_status


async def _bounded(stream: asyncssh.SSHReader[str]) -> str:
    said, size = [], 0
    while part := await stream.read(1 << 16):
        said.append(part)
        size += len(part)
        if size > MOST_OUTPUT:
            raise NotReached(f"it says more than {MOST_OUTPUT:,} characters")
    return "".join(said)


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


class _Said(Exception):
    """The gateway answered, and it was no."""

    def __init__(self, message: str, status: int | None) -> None:
        super().__init__(message)
        self.status = status


def pinned_keys(gateway: Gateway) -> list[asyncssh.SSHKey]:
    """The host keys that gateways.yaml pins. Raises NotReached where there are none."""
    import asyncssh

    if not gateway.host_keys:
        raise NotReached(f"no host key of {gateway.name} is pinned: write host_keys in gateways.yaml")
    try:
        return [asyncssh.import_public_key(_bare(line)) for line in gateway.host_keys]
    except (asyncssh.KeyImportError, ValueError) as error:
        raise NotReached(f"host_keys of {gateway.name} cannot be read: {error}") from error


def script() -> str:
    """What runs on the gateway."""
    return (files("sekisho.contain.gateways") / "gate.sh").read_text("utf-8")


def read_status(text: str) -> GatewayStatus:
    """What `gate status` prints; lines that mean nothing are passed over, since a gateway may lie."""
    words: dict[str, list[str]] = {}
    for line in text.splitlines():
        head, _, rest = line.partition(" ")
        if head not in ("name", "count", "log"):
            words[head] = rest.split()
    waiting = words.get("waiting", [])
    return GatewayStatus(
        reached=True,
        version=_one(words, "nft"),
        current=_one(words, "current"),
        confirmed=_one(words, "confirmed"),
        waiting=(waiting[0], int(waiting[1])) if len(waiting) == 2 and _int(waiting[1]) else None,
        expired=_one(words, "expired"),
        drift=words.get("drift") != ["no"],
        flowtables=words.get("flowtables") == ["yes"],
        boot=words.get("boot") == ["yes"],
        counters=dict(_counters(text)),
        logs=tuple(_logs(text))[-MOST_LOGGED:],
    )


def _logs(text: str) -> Iterator[str]:
    """Lines that the gateway's kernel wrote; what is not plain ASCII was not written by it."""
    for line in text.splitlines():
        head, _, rest = line.partition(" ")
        if head == "log" and rest.isascii() and rest.isprintable():
            yield rest[:LONGEST_LOG]


def _counters(text: str) -> Iterator[tuple[str, tuple[int, int]]]:
    name = None
    for line in text.splitlines():
        parts = line.split()
        if parts[:1] == ["name"] and len(parts) == 2:
            name = parts[1][:80]
        elif parts[:1] == ["count"] and len(parts) == 3 and name and all(map(_int, parts[1:])):
            yield name, (int(parts[1]), int(parts[2]))
            name = None


def _one(words: dict[str, list[str]], name: str) -> str | None:
    found = words.get(name, [])
    return found[0][:80] if found and found[0] != "-" else None


def _int(text: str) -> bool:
    return re.fullmatch(r"-?\d{1,18}", text) is not None


def _bare(line: str) -> str:
    """A key as known_hosts or a .pub file has it: what stands before its type is a name."""
    parts = line.split()
    return " ".join(
        parts[1:] if len(parts) > 2 and not parts[0].startswith(("ssh-", "ecdsa-", "sk-")) else parts
    )


def _first(text: str) -> str:
    return next((line.strip()[:300] for line in text.splitlines() if line.strip()), "")


def _checked(plan: str) -> None:
    if not _PLAN.fullmatch(plan):
        raise ValueError(f"{plan!r} is no id of a plan")
