from __future__ import annotations

from sekisho.intel.marker import check_of

from .test_hunt import matched


def test_why_it_is_said() -> None:
    one = matched(90, tlp="amber", says="bot")
    assert check_of([one]).text == (
        "45.9.148.3 is in the feed mine (0 hours old, confidence 90, TLP:AMBER): bot"
    )
    other = matched(80, value="45.9.148.0/24", feed_standing="stale", feed_age_seconds=86_400 * 9)
    assert check_of([other, one]).text == (
        "45.9.148.3 (45.9.148.0/24) is in the feed mine (stale, 9 days old, confidence 80,"
        " TLP:CLEAR); 1 indicator more"
    )
