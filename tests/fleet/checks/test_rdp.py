from __future__ import annotations

from sekisho.fleet.checks.base import Failed
from sekisho.fleet.checks.rdp import Rdp


def test_open_or_closed() -> None:
    def judged(deny: str, asks: str) -> list[str]:
        rows = [
            {"path": r"X\Terminal Server\fDenyTSConnections", "data": deny},
            {"path": r"X\RDP-Tcp\UserAuthentication", "data": asks},
        ]
        return list(Rdp().judge({"rdp_settings": rows}))

    assert judged("1", "0") == []
    assert judged("0", "1") == ["remote desktop is open"]
    assert len(judged("0", "0")) == 2


def test_group_policy_counts_before_what_the_machine_says_and_nothing_is_not_closed() -> None:
    policy = r"HKEY_LOCAL_MACHINE\SOFTWARE\Policies\Microsoft\Windows NT\Terminal Services"
    own = r"X\Control\Terminal Server"

    def judged(**data: str) -> list[str]:
        paths = {
            "own": rf"{own}\fDenyTSConnections",
            "ruled": rf"{policy}\fDenyTSConnections",
            "own_asks": rf"{own}\WinStations\RDP-Tcp\UserAuthentication",
            "ruled_asks": rf"{policy}\UserAuthentication",
        }
        rows = [{"path": paths[name], "data": value} for name, value in data.items()]
        return list(Rdp().judge({"rdp_settings": rows}))

    assert judged(own="1", ruled="0") == ["remote desktop is open by group policy"]
    assert judged(own="0", ruled="1") == []
    assert judged(own="0", own_asks="0", ruled_asks="1") == ["remote desktop is open"]
    assert len(judged(own="0", own_asks="1", ruled_asks="0")) == 2
    (said,) = judged(own_asks="1")
    assert isinstance(said, Failed)
    assert all(path in Rdp.queries["rdp_settings"] for path in (policy, "UserAuthentication"))
