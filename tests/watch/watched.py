"""A company that is watched: its lake, its register, and what the watch remembers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from sekisho.app.register import read_register
from sekisho.app.workspace import Workspace
from sekisho.inventory.register import Inventory
from sekisho.model.findings import End, finding_id
from sekisho.policy.compile import CompiledPolicy
from sekisho.state.alerts import AlertStore
from sekisho.state.state import State
from sekisho.store.lake import Lake
from sekisho.watch.alerts import Alert, Member
from sekisho.watch.base import Observer
from sekisho.watch.describing import Describer
from sekisho.watch.people import People
from sekisho.watch.run import Judged, Rounds

MONDAY = datetime(2024, 3, 4, tzinfo=UTC)
TEN = MONDAY + timedelta(hours=10)


@dataclass
class Watched:
    """Take files in and judge them. `told` are all messages so far; the clock is ten in the morning."""

    lake: Lake
    store: AlertStore
    describer: Describer
    put: Callable[..., bool]
    clock: list[datetime]
    people: People = field(default_factory=People)
    now: datetime = TEN
    told: list[Alert] = field(default_factory=list)
    observers: Sequence[Observer] = ()
    number: int = 0

    def __post_init__(self) -> None:
        self.rounds = Rounds(self.lake, self.store, {"sink": "info"}, self.observers)

    def take(self, *rows: Mapping[str, Any], sensor: str = "th-edge") -> list[Alert]:
        """A file with these flows comes in and is judged: what is told."""
        self.number += 1
        assert self.put(self.lake, sensor, list(rows), f"{self.number}.log")
        return self.judge()

    def judge(self) -> list[Alert]:
        """Judge all that waits."""
        found: list[Alert] = []
        while (judged := self.rounds.judge(self.describer, self.people, self.now)) is not None:
            assert isinstance(judged, Judged)
            found += judged.told
        found += self.rounds.rest(self.describer, self.people, self.now)
        self.told += found
        return found

    def again(self, *observers: Observer) -> None:
        """Start anew on the same lake and state."""
        self.observers = observers
        self.rounds = Rounds(self.lake, self.store, {"sink": "info"}, observers)

    def review(self, *names: str) -> list[Alert]:
        """Look again without anything new."""
        found = self.rounds.review(self.people, self.now, names)
        self.told += found
        return found

    def later(self, **spans: float) -> None:
        """Let time pass."""
        self.now += timedelta(**spans)
        self.clock[0] += timedelta(**spans)

    def alerts(self) -> list[Alert]:
        """All alerts as they stand."""
        return [Alert.model_validate_json(r.document) for r in self.store.alerts().values()]


@pytest.fixture(scope="session")
def register(read_company: Workspace) -> tuple[Inventory, CompiledPolicy]:
    """Three sites and two rules; one of them ran out long ago."""
    inventory, policy = read_register(read_company)
    return inventory, CompiledPolicy(policy, inventory)


@pytest.fixture
def watched(
    tmp_path: Path, register: tuple[Inventory, CompiledPolicy]
) -> Iterator[Callable[..., Watched]]:
    """Begin to watch an empty lake."""
    from tests.store.conftest import _take

    with ExitStack() as stack:

        def make(**options: Any) -> Watched:
            clock = [MONDAY + timedelta(hours=10, seconds=5)]
            lake = Lake.open(
                tmp_path / "lake",
                create=True,
                threads=1,
                memory_limit="300MB",
                clock=lambda: round(clock[0].timestamp() * 1e6),
            )
            stack.callback(lake.close)
            state = stack.enter_context(State.open(tmp_path / "s.db"))
            return Watched(lake, state.alerts(), Describer(*register), _take, clock, **options)

        yield make


@pytest.fixture(scope="session")
def flow() -> Callable[..., dict[str, Any]]:
    """One flow as a row: ends, port, seconds after Monday began, and what is to be different."""
    from tests.store.conftest import _flow

    return _flow


@pytest.fixture
def make_member() -> Callable[..., Member]:
    """A member with everything defaulted."""

    def make(
        src: str | End = "10.40.9.9", dst: str = "10.1.10.96", port: int = 445, **changes: Any
    ) -> Member:
        here = End(address=src, site="th-plant") if isinstance(src, str) else src
        values: dict[str, Any] = {
            "finding": finding_id(here.address, dst, "tcp", port),
            "verdict": "unauthorized",
            "severity": "high",
            "src": here,
            "dst": End(address=dst, site="jp-hq"),
            "protocol": "tcp",
            "port": port,
            "service": f"tcp/{port}",
            "first_seen": TEN,
            "last_seen": TEN,
            "flows": 1,
            "established": 1,
            "bytes_out": 100,
            "bytes_in": 100,
            "sensors": ("th-edge",),
        }
        return Member(**(values | changes))

    return make
