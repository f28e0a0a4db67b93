from datetime import UTC, datetime

from sekisho.watch.status import Status


def test_a_watch_that_judged_nothing_yet_does_not_claim_to_be_up_to_date() -> None:
    status = Status(at=datetime(2020, 6, 11, tzinfo=UTC))
    assert status.lag is None
    assert status.judged_at is None
    assert status.alerts == {}
