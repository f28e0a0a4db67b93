from __future__ import annotations

from sekisho.fleet.checks.audit_policy import AuditPolicy
from sekisho.fleet.checks.base import Failed

REST = "-69AE-11D9-BED3-505054503030}"
GUIDS = ("{0CCE9215", "{0CCE922B", "{0CCE9235", "{0CCE9237", "{0CCE922F")


def judged(*settings: str, column: str = "inclusion setting") -> list[str]:
    rows = [
        {"subcategory guid": guid + REST, column: said}
        for guid, said in zip(GUIDS, settings, strict=False)
    ]
    return list(AuditPolicy().judge({"audit_policy": rows}))


def test_what_is_not_written_down() -> None:
    assert judged(*["Success"] * 4, "Success and Failure") == []
    found = judged("No Auditing", "Failure", "Success", "Success", "Success")
    assert found == [
        "logons: those that succeed are not written down",
        "the creation of processes: those that succeed are not written down",
    ]
    assert judged("0", "1", "3", "1", "1", column="setting value") == found[:1]


def test_words_of_another_language_and_what_is_missing_are_not_known() -> None:
    assert all(isinstance(text, Failed) for text in judged("Erfolg"))
    assert len(judged("Erfolg")) == 5
