from __future__ import annotations

from sekisho.fleet.checks.other_logs import OtherLogs


def test_a_log_that_was_cleared_is_named_and_not_the_one_that_says_so() -> None:
    row = {"what": "cleared", "channel": "Microsoft-Windows-Sysmon/Operational", "time": "2026"}
    assert list(OtherLogs().judge({"other_logs": [row]})) == [
        "the Microsoft-Windows-Sysmon/Operational log was cleared at 2026"
    ]
    assert list(OtherLogs().judge({"other_logs": []})) == []
