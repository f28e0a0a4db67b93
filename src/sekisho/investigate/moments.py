"""Times as the columns of connections have them, microseconds since 1970, and as documents do."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def moment(micros: int) -> datetime:
    """Aware UTC."""
    return EPOCH + timedelta(microseconds=micros)


def micros(at: datetime) -> int:
    """Microseconds since 1970 of an aware time."""
    return (at - EPOCH) // timedelta(microseconds=1)
