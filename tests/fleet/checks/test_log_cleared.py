from __future__ import annotations

from sekisho.fleet.checks.log_cleared import LogCleared


def test_cleared_and_missing() -> None:
    rows = [
        {"what": "cleared", "channel": "Security", "time": "2026-03-01", "user": "ken"},
        {"what": "missing", "channel": "Security", "text": "5 records"},
        {"what": "hidden", "text": "chunk 1 hides record 7"},
    ]
    assert list(LogCleared().judge({"security_log": rows})) == [
        "the Security log was cleared at 2026-03-01 by ken",
        "the Security log lacks records: 5 records",
        "records were taken out of sight: chunk 1 hides record 7",
    ]
    assert list(LogCleared().judge({"security_log": []})) == []
