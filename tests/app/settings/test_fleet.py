from __future__ import annotations

from sekisho.app.settings.loading import parse


def test_no_list_and_an_empty_one_are_different() -> None:
    assert parse("", "sekisho.toml", {}).settings.fleet.administrators is None
    found = parse("[fleet]\nadministrators = []\npatch_days = 14\n", "sekisho.toml", {}).settings.fleet
    assert (found.administrators, found.patch_days) == ((), 14)
