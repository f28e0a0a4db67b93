from __future__ import annotations

from sekisho.policy.proposal_ids import Ids, proposed_id, slug


def test_ids_say_what_they_are_about() -> None:
    assert proposed_id("th-plant", "jp-hq", "smb") == "PROPOSED-TH-PLANT-JP-HQ-SMB"
    assert slug("  FW rule №12 / (old) ") == "FW-rule-12-/-old"
    assert slug("=cmd|' /C calc'!A0") == "cmd-/C-calc-A0"
    assert slug("-- //") == ""
    assert len(slug("x" * 500)) == 110


def test_unique_in_any_case() -> None:
    ids = Ids(["a", "B-2"])
    assert [ids.unique(name) for name in ("A", "b", "B", "c", "A")] == ["A-2", "b", "B-3", "c", "A-3"]
