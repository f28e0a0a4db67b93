from __future__ import annotations

import pytest

from sekisho.model.services import PortRange
from sekisho.policy.ports import spans_of
from sekisho.policy.unit import unit_of, written

OWN = {"rpc-dynamic": (PortRange(6, 49_152, 65_535),), "mes": (PortRange(6, 9_000, 9_001),)}


@pytest.mark.parametrize(
    ("ports", "text"),
    [
        ([(6, 445)], "smb"),
        ([(6, 5985)], "tcp/5985"),
        ([(6, 5985), (6, 5986)], "winrm"),
        ([(17, 53)], "udp/53"),
        ([(6, 53), (17, 53)], "dns"),
        ([(6, 9_000)], "tcp/9000"),
        ([(6, 9_000), (6, 9_001)], "mes"),
        ([(6, 50_000), (6, 50_001)], "tcp/50000-50001"),
        ([(6, 50_000), (6, 60_001), (6, 65_535)], "rpc-dynamic"),
        ([(17, 50_000), (17, 60_001), (17, 65_535)], "udp/50000, udp/60001, udp/65535"),
        ([(1, 0)], "icmp"),
        ([(1, 0), (58, 0)], "icmp"),
        ([(47, 0), (253, 0)], "gre, ip/253"),
        ([(6, 1), (6, 2), (6, 4)], "tcp/1-2, tcp/4"),
    ],
)
def test_services_as_they_were_seen(ports: list[tuple[int, int]], text: str) -> None:
    found, ranges = written(ports, OWN)
    assert found == text
    assert all(any(part.covers(*port) for part in ranges) for port in ports)
    if text not in ("icmp", "rpc-dynamic", "gre, ip/253"):
        assert sum(last - first + 1 for first, last in spans_of(ranges)) == len(ports)


def test_units() -> None:
    found = [unit_of(6, 445, {}), unit_of(6, 8443, {}), unit_of(6, 50_000, {}), unit_of(47, 0, {})]
    assert found == ["smb", "tcp-8443", "tcp-dynamic", "gre"]
    assert (unit_of(6, 50_000, OWN), unit_of(6, 9_000, OWN)) == ("rpc-dynamic", "mes")
