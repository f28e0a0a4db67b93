from __future__ import annotations

import pytest

from sekisho.model.protocols import WITH_PORTS
from sekisho.model.tunnels import TUNNELS, tunnel_of


@pytest.mark.parametrize(
    ("protocol", "port", "kind", "guess"),
    [
        (50, 0, "ESP", False),
        (47, 0, "GRE", False),
        (17, 4789, "VXLAN", False),
        (17, 51820, "WireGuard", True),
        (4, 0, "IP in IP", False),
        (41, 0, "6in4", False),
    ],
)
def test_tunnels_are_known_by_protocol_or_port(
    protocol: int, port: int, kind: str, guess: bool
) -> None:
    found = tunnel_of(protocol, port)
    assert found is not None
    assert (found.kind, found.guess) == (kind, guess)


def test_what_is_no_tunnel_is_none() -> None:
    assert tunnel_of(6, 4789) is None
    assert tunnel_of(17, 53) is None
    assert all((port == 0) == (protocol not in WITH_PORTS) for protocol, port in TUNNELS)
