"""What a request names among the connections."""

from collections.abc import Callable
from typing import Any

import pytest

from sekisho.investigate.fabric import Fabric
from sekisho.investigate.seeds import SeedRequest, find
from sekisho.model.findings import finding_id
from sekisho.model.verdicts import Rank
from sekisho.store.lake import Lake

ROWS = [
    ("10.1.0.1", "10.2.0.1", 22, Rank.UNAUTHORIZED, 50, 1),
    ("10.1.0.1", "10.2.0.2", 22, Rank.ATTEMPTED, 51, 1),
    ("10.1.0.1", "203.0.113.1", 443, Rank.EXTERNAL, 52, 1),
]


class NoNames:
    """A lake without any name in it."""

    def names(self, _values: object, **_more: object) -> Any:
        """Nothing."""
        return type("Found", (), {"rows": None})


@pytest.fixture
def made(woven: Callable[..., Fabric]) -> Fabric:
    return woven(ROWS)


def one(made: Fabric, request: SeedRequest) -> Any:
    lake: Lake = NoNames()  # type: ignore[assignment]
    return find(lake, made, [request])[0]


def identity(row: int) -> str:
    src, dst, port = ROWS[row][:3]
    return finding_id(src, dst, "tcp", port)


def test_a_finding_is_its_connection_whatever_its_verdict(made: Fabric) -> None:
    assert one(made, SeedRequest("finding", identity(0))).rows == (0,)
    assert one(made, SeedRequest("finding", identity(2))).rows == (2,)


def test_of_a_finding_without_a_flow_who_opened_it_is_looked_at(made: Fabric) -> None:
    found = one(made, SeedRequest("finding", "F-0", "", "10.1.0.1"))
    assert (found.rows, [made.address(host) for host in found.hosts]) == ((), ["10.1.0.1"])
    assert (found.why, found.without_flow) == (None, True)
    # With a flow it is its connection; a host outside, or one without any flow, says nothing.
    assert one(made, SeedRequest("finding", identity(0), "", "10.1.0.1")).rows == (0,)
    for opener in ("203.0.113.1", "10.7.7.7"):
        found = one(made, SeedRequest("finding", "F-0", "", opener))
        assert f"none of {opener}, who opened it" in found.why


def test_a_try_in_vain_is_a_host_to_look_at(made: Fabric) -> None:
    found = one(made, SeedRequest("finding", identity(1)))
    assert (found.rows, [made.address(host) for host in found.hosts]) == ((), ["10.1.0.1"])
    assert found.why is None


def test_addresses_inside_are_hosts_and_outside_what_dealt_with_them(made: Fabric) -> None:
    assert one(made, SeedRequest("host", "10.2.0.1")).rows == ()
    assert len(one(made, SeedRequest("host", "10.2.0.1")).hosts) == 1
    assert one(made, SeedRequest("indicator", "203.0.113.1")).rows == (2,)


@pytest.mark.parametrize(
    ("request_", "why"),
    [
        (SeedRequest("finding", "F-0"), "no connection"),
        (SeedRequest("host", "10.7.7.7"), "no connection"),
        (SeedRequest("host", "10.1.0.1", "elsewhere"), "no connection"),
        (SeedRequest("host", "not an address"), "no address"),
        (SeedRequest("indicator", "evil.example"), "not seen"),
    ],
)
def test_nothing_is_said_with_its_reason(made: Fabric, request_: SeedRequest, why: str) -> None:
    found = one(made, request_)
    assert (found.rows, found.hosts) == ((), ())
    assert why in found.why
