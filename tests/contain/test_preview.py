from __future__ import annotations

from datetime import UTC, datetime

from sekisho.contain.preview import felt, shares
from sekisho.model.findings import Bytes, End
from sekisho.model.previews import CutConnection

AT = datetime(2026, 1, 1, tzinfo=UTC)


def connection(
    rule: str | None, port: int, size: int = 10, protocol: str = "udp", **end: str
) -> CutConnection:
    return CutConnection(
        src=End(address="10.0.0.1", **end),  # type: ignore[arg-type]
        dst=End(address="10.1.0.1"),
        protocol=protocol,
        port=port,
        service=str(port),
        verdict="authorized" if rule else "unauthorized",
        rule=rule,
        owner="ops" if rule else None,
        flows=2,
        days_active=1,
        bytes_out=Bytes(low=size, high=size),
        bytes_in=Bytes(low=0, high=1),
        first_seen=AT,
        last_seen=AT,
    )


def test_what_each_rule_loses() -> None:
    found = shares(
        [connection("A", 1), connection("A", 2, 90, criticality="high"), connection(None, 3, 500)]
    )
    assert [(s.rule, s.connections, s.flows, s.bytes.low, s.critical) for s in found] == [
        (None, 1, 2, 500, 0),
        ("A", 2, 4, 100, 1),
    ]


def test_services_that_others_rest_on_are_warned_of() -> None:
    told = felt(
        [
            connection("A", 53),
            connection("A", 123),
            connection(None, 53),
            connection("A", 389, protocol="tcp"),
        ]
    )
    assert len(told) == 3
    assert "1 authorised dns connection would end" in told[0]
    assert felt([connection("A", 0, protocol="icmp"), connection("A", 8443)]) == []
