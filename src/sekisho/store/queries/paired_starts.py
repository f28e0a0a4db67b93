"""How far two sensors' clocks are apart: five-tuples that either saw exactly once."""

from __future__ import annotations

from sekisho.model.flows import Flag
from sekisho.store.queries.columns import TUPLE
from sekisho.store.queries.conversations import TAIL

MOST = 400_000
"""Pairs that are fetched at most."""


def paired_starts(source: str, one_in: int) -> str:
    """(a, b, apart, alike): sensors, start at b minus start at a in microseconds, and whether length and
    volume agree too. One five-tuple in `one_in` is looked at.
    """
    one_way = f"flags & {int(Flag.ONE_WAY)} <> 0"
    return f"""
    WITH once AS (
        SELECT sensor, {TUPLE} AS tuple, min(epoch_us(start)) AS began,
            max(epoch_us("end")) AS until, sum(bytes_out::DOUBLE + bytes_in::DOUBLE) AS volume
        FROM {source}
        WHERE flags & {int(Flag.IMPOSSIBLE_TIME)} = 0 AND {TUPLE} % {int(one_in)} = 0
            AND src_port + dst_port > 0
        GROUP BY sensor, tuple
        HAVING (count(*) = 1 AND NOT bool_or({one_way}))
            OR (bool_and({one_way}) AND max(epoch_us("end")) - min(epoch_us(start)) <= {TAIL})
    )
    SELECT a.sensor AS a, b.sensor AS b, b.began - a.began AS apart,
        abs((b.until - b.began) - (a.until - a.began)) <= 1000000
            AND greatest(a.volume, b.volume) <= 1.1 * least(a.volume, b.volume) + 100 AS alike
    FROM once a JOIN once b ON a.tuple = b.tuple AND a.sensor < b.sensor
    ORDER BY a.tuple, a.sensor, b.sensor LIMIT {MOST} -- in order: an unordered limit on a join waits for ever
    """
