from __future__ import annotations

from sekisho.fleet.checks.smb_signing import SmbSigning


def test_signing_is_required_or_told() -> None:
    required = {"path": r"X\LanmanServer\Parameters\RequireSecuritySignature", "data": "1"}
    old = {"path": r"X\LanmanServer\Parameters\SMB1", "data": "1"}
    assert list(SmbSigning().judge({"smb_settings": [required]})) == []
    assert list(SmbSigning().judge({"smb_settings": [required, old]})) == ["SMB 1 is switched on"]
    assert list(SmbSigning().judge({"smb_settings": []})) == ["the server does not require signed SMB"]
