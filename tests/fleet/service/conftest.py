"""A state with one secret to enrol with, and a desk over it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.state.conftest import server, where  # noqa: F401 - fixtures

from sekisho.fleet.service import keys
from sekisho.fleet.service.asking import CheckIn, Enrol, Read, Reply
from sekisho.fleet.service.campaigning import Campaigning
from sekisho.fleet.service.sitting import Sitting, Terms
from sekisho.model.entries import Entry
from sekisho.model.nodes import Enrolling
from sekisho.model.terminals import Sighting
from sekisho.state.state import State

AT = datetime(2026, 3, 1, tzinfo=UTC)
PEPPER = b"p" * 32
SECRET = "s" * 43


class Clerk:
    """A state at a time that the test sets; what is asked is answered in one transaction."""

    def __init__(self, state: State) -> None:
        self.state = state
        self.store = state.nodes()
        self.now = AT
        self.terms = Terms(lambda: b'{"schedule":{}}', enrolments=5)
        self.campaigning = Campaigning(state.fleet(), state.campaigns())
        self._seq = 0
        self.ledger("fleet.secret", {"id": "S-1", "hash": keys.hashed(SECRET, PEPPER, "enrol")})

    def ledger(self, kind: str, body: dict[str, Any]) -> int:
        self._seq += 1
        n = self._seq
        prev = f"h{n - 1}" if n > 1 else "0" * 64
        self.state.follow([Entry(n, self.now, "ken", kind, body, prev, f"h{n}", n, n + 1)])
        return n

    def campaign(self, *checks: str, ramp: tuple[float, ...] = (1.0,)) -> int:
        seq = self.ledger(
            "fleet.campaign",
            {"name": f"c{self._seq}", "checks": list(checks), "why": "w", "ramp": list(ramp)},
        )
        self.later(seconds=3)
        return seq

    def later(self, **by: float) -> None:
        self.now += timedelta(**by)

    def ask(self, *asked: Any, notes: Any = None) -> list[Reply]:
        with self.store.batch(relaxed=all(isinstance(a, CheckIn) for a in asked)) as batch:
            sitting = Sitting(batch, self.campaigning, self.terms, self.now)
            return sitting.answer(asked, notes or {})

    def enrol(self, name: str, uuid: str = "", address: str = "10.1.0.5", platform: str = "") -> str:
        """The hash of the key that it got."""
        key = keys.hashed(keys.new(), PEPPER, "node")
        (reply,) = self.ask(enrol(name, uuid, key=key, address=address, platform=platform))
        assert b'"node_key"' in reply.body, reply
        return key

    def read(self, key: str, address: str = "10.1.0.5") -> Reply:
        (reply,) = self.ask(Read(key, address))
        return reply

    def refused(self) -> dict[tuple[int, str], int]:
        return {(r.node, r.reason): r.count for r in self.store.refusals()}


def enrol(
    name: str,
    uuid: str = "",
    *,
    key: str = "k",
    secret: str = SECRET,
    address: str = "10.1.0.5",
    site: str | None = None,
    platform: str = "",
) -> Enrol:
    hashed = keys.hashed(secret, PEPPER, "enrol")
    who = Enrolling(
        f"{name}{uuid}", Sighting(name, uuid=uuid), name, "5.12", address, hashed, key, platform
    )
    return Enrol(who, f"key of {name}", site)


@pytest.fixture
def clerk(where: str | Path) -> Iterator[Clerk]:  # noqa: F811 - the fixture
    with State.open(where) as state:
        yield Clerk(state)
