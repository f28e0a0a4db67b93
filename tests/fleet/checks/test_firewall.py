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


def test_group_policy_counts_before_what_the_machine_says() -> None:
    own = r"HKLM\SYSTEM\X\FirewallPolicy"
    policy = r"HKEY_LOCAL_MACHINE\SOFTWARE\Policies\Microsoft\WindowsFirewall"
    rows = [
        {"path": rf"{own}\DomainProfile\EnableFirewall", "data": "1"},
        {"path": rf"{policy}\DomainProfile\EnableFirewall", "data": "0"},
        {"path": rf"{own}\StandardProfile\EnableFirewall", "data": "1"},
        {"path": rf"{policy}\PrivateProfile\EnableFirewall", "data": "0"},
        {"path": rf"{own}\PublicProfile\EnableFirewall", "data": "0"},
        {"path": rf"{policy}\PublicProfile\EnableFirewall", "data": "1"},
    ]
    assert list(Firewall().judge({"firewall_settings": rows})) == [
        "the firewall's DomainProfile is off by group policy",
        "the firewall's StandardProfile is off by group policy",
    ]
    for row in rows:
        if row["path"].startswith("HKEY"):
            assert row["path"] in Firewall.queries["firewall_settings"]
