from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from ipaddress import ip_address
from typing import Any

import pytest
from tests.contain.conftest import NOW

from sekisho.contain.probing.choosing import (
    MOST_AGENTS,
    MOST_OF_AGENT,
    MOST_OF_SERVICE,
    Agent,
    Choice,
    Service,
    Terms,
    chosen,
)
from sekisho.contain.severing import End
from sekisho.model.probes import Trial

HOUR = timedelta(hours=1)


def end(address: str) -> End:
    return "", ip_address(address)


def agent(node: int, address: str, place: str = "th") -> Agent:
    return Agent(node, f"pc-{node}", end(address), place)


def service(address: str, port: int, *clients: str, place: str = "jp", kind: Any = "tls") -> Service:
    seen = {end(client): NOW - HOUR for client in clients}
    return Service(Trial(kind, address, port), end(address), place, seen)


def cut(_src: End, dst: End, port: int) -> bool:
    """All of 10.1/16 but what listens at 9443."""
    return str(dst[1]).startswith("10.1.") and port != 9443


TERMS = Terms(cut, lambda a, b, p: not cut(a, b, p), lambda _a, _b, _p: False)
WAY = ("th", "jp")
WEB = service("10.1.20.5", 443, "10.40.2.10")
ORDERS = service("10.1.20.5", 9443, "10.40.2.10")
HERE = agent(1, "10.40.2.10")


def choose(agents: list[Agent], services: list[Service], **terms: Any) -> Choice:
    return chosen([WAY], agents, services, [], replace(TERMS, **terms))


def test_who_was_seen_to_use_it_tries_it_with_what_is_kept() -> None:
    found = choose([agent(2, "10.40.2.11"), HERE], [WEB, ORDERS])
    (asking,) = found.asking
    assert (asking.node, asking.cut, asking.controls) == (1, ((WEB.trial, "jp"),), (ORDERS.trial,))
    assert (found.untried, found.unpermitted) == ({}, ())


def test_nobody_tries_what_it_never_used_unless_the_register_permits_it() -> None:
    other = agent(2, "10.40.2.11")
    assert "used a TLS or web service" in choose([other], [WEB]).untried[WAY]
    assert [a.node for a in choose([other], [WEB], permitted=lambda *_: True).asking] == [2]


@pytest.mark.parametrize(
    ("agents", "services", "terms", "why"),
    [
        ([], [WEB], {}, "no terminal of th was heard lately"),
        ([HERE], [], {}, "no TLS or web service of jp answered anybody lately"),
        ([HERE], [ORDERS], {}, "used a TLS or web service of jp that is cut"),
        ([HERE], [WEB], {"off": lambda _s: True}, "used a TLS or web service of jp that is cut"),
        ([HERE], [WEB], {"resting": {"jp"}}, "jp must run: name what may be tried"),
        ([HERE], [WEB], {"resting": {"th"}}, "th must run: name what may be tried"),
    ],
)
def test_where_nobody_can_it_is_said_why(
    agents: list[Agent], services: list[Service], terms: dict[str, Any], why: str
) -> None:
    found = choose(agents, services, **terms)
    assert found.asking == ()
    assert why in found.untried[WAY]


def test_what_a_person_names_is_tried_wherever_it_is() -> None:
    named = replace(WEB, clients={})
    terms = replace(TERMS, resting={"jp"}, off=lambda _s: True)
    found = chosen([WAY], [agent(2, "10.40.2.11")], [], [named], terms)
    (asking,) = found.asking
    assert asking.cut == ((named.trial, "jp"),)
    assert asking.controls == ()
    assert found.unpermitted == ("pc-2 -> 10.1.20.5:443",), "an audit will show it"


def test_what_a_person_names_and_is_kept_is_the_control() -> None:
    named = [WEB, replace(ORDERS, clients={})]
    (asking,) = chosen([WAY], [agent(2, "10.40.2.11")], [], named, TERMS).asking
    assert (asking.cut, asking.controls) == (((WEB.trial, "jp"),), (ORDERS.trial,))
    only = chosen([WAY], [HERE], [WEB], [ORDERS], TERMS)
    assert only.untried[WAY] == "nothing that was named is at jp and cut from th"


def test_a_second_try_is_by_another_terminal_of_another_service() -> None:
    other = service("10.1.20.6", 443, "10.40.2.11")
    found = choose([HERE, agent(2, "10.40.2.11")], [WEB, other])
    assert [(a.node, a.cut[0][0]) for a in found.asking] == [(1, WEB.trial), (2, other.trial)]


def test_what_answered_in_a_probe_before_is_tried_again() -> None:
    agents = [agent(n, f"10.40.2.{n}") for n in range(1, 40)]
    services = [service(f"10.1.20.{n}", 443, *(str(a.end[1]) for a in agents)) for n in range(1, 9)]
    proven = frozenset({(37, services[6].trial), (12, services[3].trial)})
    found = choose(agents, services, proven=proven)
    assert {(a.node, a.cut[0][0]) for a in found.asking} == proven


def test_controls_are_behind_the_same_gateway_first_and_never_oneself() -> None:
    own = service("10.40.2.10", 443, "10.40.2.10", place="th")
    near = service("10.40.2.12", 443, "10.40.2.10", place="th")
    far = service("10.60.2.12", 443, "10.40.2.10", place="us")
    (asking,) = choose([HERE], [WEB, far, near, own, ORDERS]).asking
    assert asking.controls == (ORDERS.trial, near.trial)
    fleet = Trial("tls", "192.0.2.2", 8443)
    (asking,) = choose([HERE], [WEB], own=fleet).asking
    assert asking.controls == (fleet,)


def test_it_is_bounded_and_says_so() -> None:
    sites = [f"s{n:02}" for n in range(40)]
    agents = [agent(n, f"10.50.{n}.1", place) for n, place in enumerate(sites)]
    services = [service(f"10.1.{n}.9", 443, place=place) for n, place in enumerate(sites)]
    ways = [(a, b) for a in sites for b in sites if a != b]
    terms = replace(TERMS, permitted=lambda *_: True)
    found = chosen(ways, agents, services, [], terms)
    tried = Counter(trial for one in found.asking for trial, _ in one.cut)
    assert len(found.asking) <= MOST_AGENTS
    assert max(len(one.cut) for one in found.asking) <= MOST_OF_AGENT
    assert max(tried.values()) <= MOST_OF_SERVICE
    assert sum(tried.values()) + len(found.untried) >= len(ways)
    assert "more than" in next(iter(found.untried.values()))
    assert set(ways) == set(found.untried) | {
        (one.place, to) for one in found.asking for _, to in one.cut
    }


def test_the_order_in_which_they_come_does_not_matter() -> None:
    agents = [agent(n, f"10.40.2.{n}") for n in range(1, 6)]
    services = [service(f"10.1.20.{n}", 443, "10.40.2.2", "10.40.2.4") for n in range(1, 6)]
    assert choose(agents, services) == choose(agents, services[::-1])
