from __future__ import annotations

from sekisho.model.protocols import ICMP, ICMP6, TCP, UDP
from sekisho.model.services import KNOWN_PORTS, SERVICES, PortRange, service_label, service_of


def test_the_names_the_design_promises() -> None:
    assert SERVICES["smb"].ranges == (PortRange(TCP, 445, 445),)
    assert SERVICES["rdp"].ranges == (PortRange(TCP, 3389, 3389),)
    assert SERVICES["winrm"].ranges == (PortRange(TCP, 5985, 5986),)
    assert SERVICES["dns"].ranges == (PortRange(UDP, 53, 53), PortRange(TCP, 53, 53))
    assert {r.protocol for r in SERVICES["icmp"].ranges} == {ICMP, ICMP6}


def test_the_narrowest_name_wins_and_the_nameless_keep_their_port() -> None:
    assert service_label(TCP, 445) == "smb"
    assert service_label(TCP, 9999) == "tcp/9999"
    assert service_label(47, 0) == "gre"
    found = service_of(ICMP, 0)
    assert found is not None
    assert found.name == "icmp"


def test_orientation_does_not_rest_on_wide_ranges() -> None:
    assert (TCP, 445) in KNOWN_PORTS
    assert (TCP, 55121) not in KNOWN_PORTS
    assert all(0 < port <= 65535 for _, port in KNOWN_PORTS)


def test_a_range_reads_as_it_is_written() -> None:
    assert str(PortRange(UDP, 500, 510)) == "udp/500-510"
    assert str(PortRange(TCP, 0, 65535)) == "tcp"
    assert str(PortRange(None)) == "any"
    assert PortRange(None).covers(47, 0)
    assert not PortRange(TCP, 1, 2).covers(UDP, 1)
