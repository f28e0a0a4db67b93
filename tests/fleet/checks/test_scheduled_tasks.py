from __future__ import annotations

from sekisho.fleet.checks.scheduled_tasks import ScheduledTasks


def test_what_a_task_runs() -> None:
    rows = [
        {"name": "ok", "action": r"C:\Windows\System32\defrag.exe"},
        {"path": r"\x", "action": "powershell", "arguments": "-enc SQBFAFgAIAAoAE4AZQB3AC0A"},
    ]
    (found,) = ScheduledTasks().judge({"scheduled_tasks": rows})
    assert found.startswith(r"task \x runs an encoded command")
