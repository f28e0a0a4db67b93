from __future__ import annotations

from pathlib import Path

import pytest

from sekisho.model.addresses import parse_address
from sekisho.sources.journal.framing import Kind
from sekisho.sources.listeners.base import Bound, Listen, ListenPlan, Tls

PLAN = ListenPlan(
    (
        Listen("udp", "::", 2055, reuse_port=True),
        Listen("udp", "10.1.0.1", 514, Kind.MESSAGE, receive_buffer=1 << 20),
        Listen("tls", "::", 6514, Kind.MESSAGE, tls=Tls(Path("a.pem"), Path("a.key"), Path("ca.pem"))),
        Listen("tls", "::", 6515, Kind.MESSAGE, tls=Tls(Path("a.pem"), Path("a.key"))),
    ),
    frozenset({parse_address("10.40.0.1"), parse_address("2001:db8::1")}),
    unfinished=2.5,
)


@pytest.mark.parametrize("plan", [PLAN, ListenPlan(()), ListenPlan((), frozenset())])
def test_a_plan_comes_back_from_its_text(plan: ListenPlan) -> None:
    found = ListenPlan.of_json(plan.to_json())
    assert found == plan
    assert [type(one.content) for one in found.listens] == [Kind] * len(plan.listens)


def test_a_bound_listener_has_a_name_and_an_address() -> None:
    assert Bound("udp", "0.0.0.0", 2055).name == "udp://0.0.0.0:2055"
    assert Bound("tls", "::", 6514).name == "tls://[::]:6514"
    assert Bound("tls", "::", 6514).address == parse_address("::")
