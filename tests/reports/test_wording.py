from __future__ import annotations

import pytest

from sekisho.model.findings import AuditDocument, Bytes, End, Opaque
from sekisho.reports.wording import end_text, kinds, service_text, tunnel_text


@pytest.mark.parametrize(
    ("end", "text"),
    [
        (End(address="10.0.0.1", asset="fs01", site="hq"), "hq fs01 (10.0.0.1)"),
        (End(address="10.0.0.1", site="hq", realm="acquired"), "hq acquired:10.0.0.1"),
        (End(address="10.0.0.1"), "no site 10.0.0.1"),
    ],
)
def test_an_end_names_site_asset_and_address(end: End, text: str) -> None:
    assert end_text(end, "no site") == text


@pytest.mark.parametrize(
    ("service", "port", "protocol", "text"),
    [
        ("smb", 445, "tcp", "smb (tcp/445)"),
        ("tcp/9999", 9999, "tcp", "tcp/9999"),
        ("icmp", 0, "icmp", "icmp"),
        ("", 7, "udp", "udp/7"),
    ],
)
def test_a_service_is_named_once(
    audit: AuditDocument, service: str, port: int, protocol: str, text: str
) -> None:
    fields = {"service": service, "port": port, "protocol": protocol}
    assert service_text(audit.findings[0].model_copy(update=fields)) == text


def test_kinds_are_what_is_said_besides_the_verdict(audit: AuditDocument) -> None:
    finding = audit.findings[0]
    assert kinds(finding) == ()
    assert kinds(finding.model_copy(update={"also": ("one_sided",)})) == ("one sided",)
    marked = {"kind": "changed", "also": ("automation",)}
    assert kinds(finding.model_copy(update=marked)) == ("changed", "automation")


def test_a_tunnel_says_whether_it_is_a_guess_and_counts() -> None:
    none = Bytes(low=0, high=0)
    fields = {"connections": 1, "flows": 1, "bytes_out": none, "bytes_in": none}
    esp = Opaque(kind="ESP", guess=False, counted=True, **fields)
    assert tunnel_text(esp) == "ESP"
    guess = esp.model_copy(update={"kind": "WireGuard", "guess": True, "counted": False})
    assert tunnel_text(guess) == "WireGuard (by its port), not counted again"
