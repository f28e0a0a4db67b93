from __future__ import annotations

from sekisho.contain.gateways.base import Deliverer, GatewayStatus, Outcome
from sekisho.contain.gateways.ssh import Ssh


def test_ssh_is_a_way_to_tell_a_gateway() -> None:
    way: Deliverer = Ssh()
    assert all(hasattr(way, name) for name in ("apply", "confirm", "rollback", "status"))


def test_nothing_known_is_not_nothing_held() -> None:
    assert GatewayStatus(reached=False).current is None
    assert Outcome("failed", "because").why == "because"
