from __future__ import annotations

from sekisho.fleet.checks.yara import Yara


def test_rule_namespace_place_and_hash() -> None:
    row = {"rule": "evil", "namespace": "apt/x.yar", "path": "C/x.exe", "sha256": "ab"}
    assert list(Yara().judge({"rule_matches": [row]})) == ["C/x.exe: rule evil (apt/x.yar), SHA-256 ab"]
