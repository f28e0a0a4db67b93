"""Which records repeat a uid at one sensor: interim records of open flows, and lines logged twice.

The one with the latest end stands (then the largest, then the last taken); the others do not count.
"""

from __future__ import annotations


def repeated(source: str) -> str:
    """Hashes of (sensor, uid) that occur several times in `source`, as table `repeated`.

    Hashing makes this cheap for the usual case that there are none; the next step compares the uids.
    """
    return (
        "CREATE OR REPLACE TEMP TABLE repeated AS SELECT h FROM"
        f" (SELECT hash(uid, sensor) AS h FROM {source} WHERE uid IS NOT NULL)"
        " GROUP BY h HAVING count(*) > 1"
    )


def exclude(source: str) -> str:
    """Add the rows that do not stand to the table `excluded`."""
    return f"""
        INSERT INTO excluded
        SELECT file, row FROM (
            SELECT file, row, row_number() OVER (
                PARTITION BY sensor, uid, src_realm, src_hi, src_lo, src_port,
                    dst_realm, dst_hi, dst_lo, dst_port, protocol
                ORDER BY "end" DESC, bytes_out::DOUBLE + bytes_in::DOUBLE DESC, file DESC, row DESC
            ) AS place
            FROM {source} r SEMI JOIN repeated ON hash(r.uid, r.sensor) = repeated.h
            ANTI JOIN excluded e ON r.file = e.file AND r.row = e.row
            WHERE uid IS NOT NULL
        ) WHERE place > 1
    """
