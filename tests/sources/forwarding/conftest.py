"""Segments with chosen names, and a centre on loopback with certificates of its own authority."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import httpx
import pytest
import trustme

from sekisho.sources.forwarding.delivery import Delivery
from sekisho.sources.forwarding.pacing import Pace
from sekisho.sources.forwarding.peer import client_context, server_context
from sekisho.sources.forwarding.received import Received
from sekisho.sources.forwarding.receiver import Collector, Receiver
from sekisho.sources.forwarding.serving import Serving
from sekisho.sources.journal.framing import Kind, framed, header, peer_bytes
from sekisho.sources.journal.segments import SEALED, SealedSegment

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
MICROS = int(NOW.timestamp()) * 1_000_000
OWN = "10.40.0.1"
RATE = 100.0


def content(*peers: str, salt: int = 7) -> bytes:
    """A segment's content with one small datagram of each peer."""
    records = [
        framed(salt, Kind.DATAGRAM, peer_bytes(ip_address(peer)), 2055, MICROS + place, b"%d" % place)
        for place, peer in enumerate(peers)
    ]
    return header(salt) + b"".join(records)


def segment(folder: Path, number: int, *peers: str, data: bytes | None = None) -> SealedSegment:
    """A sealed segment of that number; each number is another content."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{number:020d}{SEALED}"
    path.write_bytes(content(*(peers or (OWN,)), salt=number % 2**32) if data is None else data)
    return SealedSegment(path, f"{number:020d}", path.stat().st_size)


def sha(one: SealedSegment) -> str:
    return hashlib.sha256(one.path.read_bytes()).hexdigest()


@dataclass
class Centre:
    """A centre that serves, and everything it was told."""

    received: Received
    port: int
    folder: Path
    collectors: dict[str, Collector]
    told: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    clients: list[httpx.Client] = field(default_factory=list)
    clock: list[datetime] = field(default_factory=lambda: [NOW])

    broken: Exception | None = None
    receiver: Receiver | None = None
    ticks: list[float] = field(default_factory=lambda: [0.0])

    def directory(self) -> dict[str, Collector]:
        if self.broken is not None:
            raise self.broken
        return self.collectors

    def client(self, name: str) -> httpx.Client:
        context = client_context(
            self.folder / "ca.pem", self.folder / f"{name}.pem", self.folder / f"{name}.key"
        )
        made = httpx.Client(
            base_url=f"https://localhost:{self.port}", verify=context, trust_env=False, timeout=10
        )
        self.clients.append(made)
        return made

    def delivery(self, name: str = "th-plant") -> Delivery:
        return Delivery(self.client(name), Pace(None, lambda: 0.0), lambda _seconds: None)

    def names(self, lane: str, collector: str = "th-plant") -> list[int]:
        found = (self.received.root / collector / lane).glob("*.journal*")
        return sorted(int(path.name.partition(".")[0]) for path in found)

    def events(self) -> list[str]:
        return [event for event, _ in self.told]


def certificates(folder: Path, names: Sequence[str]) -> None:
    """A private authority, a certificate of the centre and one of each name."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(folder / "ca.pem")
    for name in ("localhost", *names):
        pair = authority.issue_cert(name)
        pair.cert_chain_pems[0].write_to_path(folder / f"{name}.pem")
        pair.private_key_pem.write_to_path(folder / f"{name}.key")


@pytest.fixture(scope="session")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pki")
    certificates(folder, ["th-plant", "jp-hq", "nobody"])
    return folder


@pytest.fixture
def centre(tmp_path: Path, pki: Path) -> Iterator[Centre]:
    received = Received(tmp_path / "received")
    collectors = {
        "th-plant": Collector("th-plant", ("th-plant",), frozenset({OWN, "2001:db8::1"})),
        "jp-hq": Collector("jp-hq", ("jp-hq",), frozenset({"10.1.0.1"})),
    }
    made = Centre(received, 0, pki, collectors)
    receiver = Receiver(
        received,
        made.directory,
        now=lambda: made.clock[0],
        tell=lambda event, **fields: made.told.append((event, fields)),
        limit=1 << 30,
        rate=RATE,
        monotonic=lambda: made.ticks[0],
    )
    made.receiver = receiver
    context = server_context(pki / "ca.pem", pki / "localhost.pem", pki / "localhost.key")
    with Serving(receiver.application(), "127.0.0.1", 0, context) as serving:
        made.port = serving.port
        yield made
        for client in made.clients:
            client.close()
    received.close()
