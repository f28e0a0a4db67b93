"""Times there and back."""

from datetime import UTC, datetime, timedelta

from sekisho.investigate.moments import EPOCH, micros, moment


def test_there_and_back() -> None:
    assert moment(1_500_000) == EPOCH + timedelta(seconds=1.5)
    at = datetime(2024, 3, 4, 12, 30, 1, 7, tzinfo=UTC)
    assert moment(micros(at)) == at
    assert micros(moment(-1)) == -1
