"""Escapes as records come, through the rounds of a watch over a real lake."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any

import pytest
from tests.contain.test_escaped import AFTER, APP, CUT, FILES, GATEWAYS
from tests.store.conftest import _flow as flow
from tests.watch.test_turning import half as half_of
from tests.watch.watched import Watched, register, watched

from sekisho.contain.backends.registry import BACKENDS
from sekisho.contain.escaping import Enforcing, Escapes
from sekisho.contain.force import Enforced, Force, Opening
from sekisho.contain.points import parse_points
from sekisho.contain.proposal import Ground
from sekisho.inventory.register import Inventory
from sekisho.model.flows import State
from sekisho.model.probes import Asking, Probe, Trial
from sekisho.model.restrictions import Restriction
from sekisho.policy.compile import CompiledPolicy
from sekisho.watch.alerts import Alert
from sekisho.watch.describing import Describer

__all__ = ["register", "watched"]

Register = tuple[Inventory, CompiledPolicy]
MINUTE = timedelta(minutes=1)
SILENT: dict[str, Any] = {"state": State.NO_REPLY, "bytes_in": 0, "packets_in": 0}


def half(*ends: str, at: float, sport: int = 50_000, reply: bool = False) -> dict[str, Any]:
    """One direction of a flow as a one-way source has it."""
    return half_of(lambda src, dst, **fields: flow(src, dst, at=at, **fields), *ends, reply=reply) | {
        "src_port": sport
    }


class Escaping:
    """A watch in which a plan severs th-plant from jp-hq at 09:00."""

    def __init__(self, make: Callable[..., Watched], register: Register) -> None:
        self._register = register
        self.force: Force | None = None
        self.watch = make(observers=[self._observer()])
        self.sever()
        self.watch.rounds.begin(self.watch.now)

    def _observer(self) -> Escapes:
        describer = Describer(*self._register)
        return Escapes(lambda: Enforcing(self.force, MINUTE) if self.force else None, lambda: describer)

    def sever(
        self, *openings: Opening, at: datetime = CUT, probes: Iterable[Probe] = (), **fields: Any
    ) -> None:
        inventory, compiled = self._register
        points = parse_points(GATEWAYS, inventory, compiled.policy.services)
        ground = Ground(inventory, compiled.policy, points, {}, BACKENDS, CUT)
        restriction = Restriction(("link:th-plant <-> jp-hq",), incident="INC-1", **fields)
        self.force = Force([Enforced("P-1", restriction, {"th-gw": at})], ground, openings, probes)
        self.watch.describer.also = tuple(one + MINUTE for one in self.force.moments)

    def again(self) -> None:
        self.watch.again(self._observer())

    def take(self, *rows: dict[str, Any], **options: Any) -> list[Alert]:
        return [one for one in self.watch.take(*rows, **options) if one.kind == "contain"]


@pytest.fixture
def escaping(watched: Callable[..., Watched], register: Register) -> Escaping:
    return Escaping(watched, register)


def test_it_is_told_in_the_round_in_which_it_comes(escaping: Escaping) -> None:
    before = flow("10.40.2.10", "10.1.20.5", 8443, at=9 * 3600 + 30)
    (alert,) = escaping.take(before, flow("10.40.2.10", "10.1.20.5", 8443, at=AFTER, sport=50_001))
    assert (alert.severity, alert.change, alert.connections) == ("critical", "raised", 1)
    assert alert.title == "1 connection escaped P-1: 10.40.2.10 -> 10.1.20.5 : tcp/8443"
    assert alert.labels == {
        "kind": "contain",
        "plan": "P-1",
        "incident": "INC-1",
        "change": "escaped",
    }
    (member,) = alert.members
    assert (member.verdict, member.flows, member.established) == ("authorized", 1, 1)
    assert "P-1 cuts it at th-gw since 2024-03-04T09:00:00Z" in member.checks[0].text
    assert escaping.take(flow("10.40.2.10", "10.1.20.5", 8443, at=AFTER + 5, sport=50_002)) == []


def test_what_our_own_terminals_were_asked_for_is_told_as_that(escaping: Escaping) -> None:
    asking = Asking(7, "th-pc", APP, "th-plant", ((Trial("tls", FILES, 443), "jp-hq"),))
    at = CUT + timedelta(hours=1)
    escaping.sever(probes=[Probe(9, 2, "P-1", at, at + MINUTE, "ken", (asking,))])
    (alert,) = escaping.take(flow(APP, FILES, 443, at=AFTER + 5))
    assert alert.severity == "critical"
    assert "The latest was asked for by our probe 2 of P-1 (th-pc)." in alert.text
    assert alert.members[0].checks[0].text.endswith("; asked for by our probe 2 of P-1 (th-pc)")
    (other,) = escaping.take(flow(APP, FILES, 445, at=AFTER + 6))
    assert "asked for" not in other.text


def test_more_of_it_is_told_when_it_is_twice_as_much(escaping: Escaping) -> None:
    told = [escaping.take(flow(APP, FILES, 440 + n, at=AFTER + n)) for n in range(5)]
    assert [len(one) for one in told] == [1, 1, 0, 1, 0]
    assert {one.id for some in told for one in some} == {told[0][0].id}
    assert [(o.change, o.revision, o.connections) for some in told for o in some] == [
        ("raised", 1, 1),
        ("grown", 2, 2),
        ("grown", 3, 4),
    ]


def test_what_was_dropped_or_began_before_is_not_told(escaping: Escaping) -> None:
    assert not escaping.take(
        flow(APP, FILES, 445, at=AFTER, **SILENT),
        flow(APP, FILES, 22, at=9 * 3600 - 60),
        flow(APP, FILES, 23, at=9 * 3600 + 59),
        flow(APP, "10.60.0.1", 443, at=AFTER),
    )
    escaping.force = None
    assert not escaping.take(flow(APP, FILES, 445, at=AFTER + 60))


def test_halves_that_come_in_two_files_are_one_session(escaping: Escaping) -> None:
    assert not escaping.take(half(APP, FILES, at=AFTER))
    assert not escaping.take(half(APP, FILES, reply=True, at=AFTER, sport=50_009))
    assert len(escaping.take(half(APP, FILES, reply=True, at=AFTER))) == 1


def test_one_way_counts_where_it_arrived(escaping: Escaping) -> None:
    sent = flow(APP, FILES, 514, at=AFTER, protocol=17, bytes_out=90_000, **SILENT)
    assert not escaping.take(sent)
    assert len(escaping.take(dict(sent), sensor="jp-edge")) == 1


def test_sessions_that_may_drain_or_were_exempt(escaping: Escaping) -> None:
    escaping.sever(existing="drain")
    assert not escaping.take(flow(APP, FILES, 445, at=9 * 3600 - 60))
    assert not escaping.take(flow(APP, FILES, 445, at=AFTER))
    assert len(escaping.take(flow(APP, FILES, 22, at=AFTER))) == 1
    opened = Opening("X-1", f"{APP} -> jp-hq/* : tcp/8080", CUT, CUT + timedelta(hours=9))
    escaping.sever(opened, at=CUT + MINUTE)
    assert not escaping.take(flow(APP, FILES, 8080, at=AFTER))
    assert len(escaping.take(flow(APP, FILES, 8081, at=AFTER))) == 1, "applied anew it is told anew"


def test_nothing_is_told_twice_after_a_start(escaping: Escaping) -> None:
    assert len(escaping.take(flow(APP, FILES, 445, at=AFTER))) == 1
    escaping.again()
    assert [one for one in escaping.watch.judge() if one.kind == "contain"] == []
    assert not escaping.take(flow(APP, FILES, 445, at=AFTER + 60, sport=50_001))
    escaping.watch.rounds.keep()
    escaping.again()
    (alert,) = escaping.take(flow(APP, FILES, 22, at=AFTER + 90))
    assert (alert.change, alert.connections, alert.revision) == ("grown", 2, 2)
    Escapes(lambda: None, lambda: escaping.watch.describer).remember(b"[]")
