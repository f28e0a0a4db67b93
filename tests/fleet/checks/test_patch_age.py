from __future__ import annotations

from datetime import UTC, datetime

import pytest

from sekisho.fleet.checks.base import Failed
from sekisho.fleet.checks.patch_age import PatchAge

AT = datetime(2026, 3, 1, tzinfo=UTC)


def judged(**tables: list[dict[str, str]]) -> list[str]:
    return list(PatchAge(60).judge_at(tables, AT))


@pytest.mark.parametrize(
    "day", ["2/10/2026", "2026-02-10", "20260210", "13/02/2026", "01dc9a1b00000000"]
)
def test_days_as_windows_writes_them(day: str) -> None:
    assert judged(patches=[{"hotfix_id": "KB1", "installed_on": day}]) == []


def test_the_newest_counts_and_not_what_comes_each_day() -> None:
    old = {"hotfix_id": "KB1", "installed_on": "10/1/2025"}
    daily = {
        "title": "Security Intelligence Update for Microsoft Defender Antivirus - KB2267602",
        "date": "1772200000",
        "operation": "Installation",
        "result_code": "Succeeded",
    }
    failed = {"title": "2026-02 Cumulative", "date": "1772200000", "result_code": "Failed"}
    (found,) = judged(patches=[old], windows_update_history=[daily, failed])
    assert found == "the newest patch is 151 days old: KB1 of 2025-10-01"
    good = failed | {"result_code": "Succeeded"}
    assert judged(patches=[old], windows_update_history=[daily, good]) == []


@pytest.mark.parametrize("day", ["", "31/31/2026", "soon", "1/1/2099", "9" * 40])
def test_without_a_day_that_can_be_it_has_failed(day: str) -> None:
    (found,) = judged(patches=[{"installed_on": day}])
    assert isinstance(found, Failed)


def test_a_version_for_which_there_are_none_any_more() -> None:
    patched = [{"hotfix_id": "KB1", "installed_on": "2/10/2026"}]
    (found,) = judged(patches=patched, os_version=[{"name": "Windows 7", "build": "7601"}])
    assert found == "Windows 7 (build 7601): there are no patches for it since 2020-01-14"
    assert judged(patches=patched, os_version=[{"version": "10.0.20348"}]) == []
