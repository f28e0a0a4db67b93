from __future__ import annotations

from sekisho.fleet.checks.firewall import Firewall


def test_profiles_that_are_off() -> None:
    rows = [
        {"path": r"X\DomainProfile\EnableFirewall", "data": "1"},
        {"path": r"X\PublicProfile\EnableFirewall", "data": "0"},
    ]
    assert list(Firewall().judge({"firewall_settings": rows})) == [
        "the firewall's PublicProfile is off"
    ]
