"""What to listen on, from whom, and within which bounds."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from sekisho.model.addresses import IPAddress, parse_address
from sekisho.sources.journal.framing import Kind
from sekisho.sources.journal.journal import SEGMENT_BYTES, SEGMENT_SECONDS

Transport = Literal["udp", "tcp", "tls"]


@dataclass(frozen=True, slots=True)
class Tls:
    """Files in PEM: this end's certificates and key; `clients` are the authorities whose certificates
    peers must show, None where none is asked for."""

    certificate: Path
    key: Path
    clients: Path | None = None


@dataclass(frozen=True, slots=True)
class Listen:
    """One socket. `content` is what a UDP payload is; on streams only messages come.

    `host` is an address; `::` takes IPv4 too. Port 0 is any free one. `receive_buffer` is how many bytes
    the system is asked to keep while the receiver is busy; `reuse_port` lets several processes share it.
    """

    transport: Transport
    host: str
    port: int
    content: Kind = Kind.DATAGRAM
    receive_buffer: int = 64 << 20
    reuse_port: bool = False
    tls: Tls | None = None


@dataclass(frozen=True, slots=True)
class ListenPlan:
    """All of it. `allow` holds the peers whose datagrams and connections are taken, None for anybody's.

    `backlog` bytes are held in memory while the disk is slow or full, then what arrives is dropped and
    counted; `reserve` bytes of the disk are left to others. A peer has `handshake` seconds for TLS and
    `unfinished` seconds to end a message that it began; at a stop a disk that takes
    nothing has `patience` seconds.
    """

    listens: tuple[Listen, ...]
    allow: frozenset[IPAddress] | None = None
    backlog: int = 64 << 20
    reserve: int = 256 << 20
    connections: int = 1024
    connections_of_one: int = 64
    handshake: float = 10.0
    unfinished: float = 60.0
    patience: float = 5.0
    segment_bytes: int = SEGMENT_BYTES
    segment_seconds: float = SEGMENT_SECONDS

    def to_json(self) -> str:
        """As text that another process can be given."""
        allow = None if self.allow is None else sorted(map(str, self.allow))
        return json.dumps(asdict(self) | {"allow": allow}, default=str)

    @classmethod
    def of_json(cls, text: str) -> ListenPlan:
        """From that text."""
        value: dict[str, Any] = json.loads(text)
        allow = value["allow"]
        value["allow"] = None if allow is None else frozenset(map(parse_address, allow))
        value["listens"] = tuple(map(_listen, value["listens"]))
        return cls(**value)


def _listen(value: dict[str, Any]) -> Listen:
    tls = value["tls"]
    if tls is not None:
        clients = tls["clients"]
        tls = Tls(Path(tls["certificate"]), Path(tls["key"]), Path(clients) if clients else None)
    return Listen(**(value | {"content": Kind(value["content"]), "tls": tls}))


@dataclass(frozen=True, slots=True)
class Bound:
    """Where a listener really listens."""

    transport: Transport
    host: str
    port: int

    @property
    def name(self) -> str:
        """Such as `udp://0.0.0.0:2055` or `tls://[::]:6514`."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.transport}://{host}:{self.port}"

    @property
    def address(self) -> IPAddress:
        """Its own address."""
        return parse_address(self.host)
