from __future__ import annotations

import pytest

from sekisho.audit.baseline import Baseline, Day, baseline
from sekisho.audit.changes.volume import VolumeChange

TODAY = 19_800
MB = 1_000_000


def usual(*volumes: int) -> Baseline:
    found = baseline([Day(TODAY - len(volumes) + n, v, 1, 1) for n, v in enumerate(volumes)], TODAY)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("before", "now", "seen"),
    [
        ([MB] * 20, 10 * MB, True),
        ([MB] * 20, 10 * MB - 1, False),
        ([900_000] * 20, 9_500_000, False),  # ten times, but little
        ([MB] * 18 + [8 * MB] * 2, 15 * MB, False),  # a weekly copy grew
        ([MB] * 18 + [8 * MB] * 2, 16 * MB, True),
        ([0] * 20, 10 * MB, True),
    ],
)
def test_ten_times_twice_the_highest_and_no_trifle(before: list[int], now: int, seen: bool) -> None:
    assert (VolumeChange().seen(Day(TODAY, now, 1, 1), usual(*before)) is not None) == seen


def test_it_shows_what_was_usual() -> None:
    text = VolumeChange().seen(Day(TODAY, 48 * MB, 1, 1), usual(*[1_200_000] * 40, 3 * MB))
    assert text == "usual 1.2 MB a day (median of 41 days, highest 3.0 MB), on 2024-03-18 48.0 MB"
