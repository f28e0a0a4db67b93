"""Records per sensor and hour, by the sensor's own uncorrected clock: the raw material of coverage."""

from __future__ import annotations

from sekisho.store.queries.columns import floored

HOUR = 3_600_000_000
"""Microseconds."""


def hours(source: str) -> str:
    """(sensor, hour, flows, first, last) in microseconds; every record counts, halves and repeats too."""
    return f"""
    SELECT sensor, {floored("epoch_us(start)", HOUR)} AS hour, count(*) AS flows,
        min(epoch_us(start)) AS first, max(epoch_us(start)) AS last
    FROM {source} GROUP BY sensor, hour
    """
