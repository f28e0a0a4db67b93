from __future__ import annotations

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
