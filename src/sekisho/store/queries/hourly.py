"""Records per sensor and hour, by the sensor's own uncorrected clock: the raw material of coverage."""

from __future__ import annotations


def hours(source: str) -> str:
    """(sensor, hour, flows, first, last) in microseconds; every record counts, halves and repeats too."""
    return f"""
    SELECT sensor, epoch_us(start) // 3600000000 * 3600000000 AS hour, count(*) AS flows,
        min(epoch_us(start)) AS first, max(epoch_us(start)) AS last
    FROM {source} GROUP BY sensor, hour
    """
