from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sekisho.contain.escape_keys import alert_key, told_keys

AT = datetime(2020, 6, 5, tzinfo=UTC)


def test_applied_anew_it_is_another_thing() -> None:
    assert alert_key("P-1", AT) == alert_key("P-1", AT)
    assert len({alert_key("P-1", AT), alert_key("P-2", AT), alert_key("P-1", AT + timedelta(1))}) == 3


def test_it_is_told_at_each_doubling() -> None:
    assert told_keys("k", 1) == ["k|1"]
    assert told_keys("k", 3) == ["k|1", "k|2"]
    assert told_keys("k", 4) == ["k|1", "k|2", "k|3"]
