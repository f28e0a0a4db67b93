"""Which records repeat a uid at one sensor: interim records of open flows, and lines logged twice.

The one with the latest end stands (then the largest, then the last taken); the others do not count.
"""

from __future__ import annotations


def hashes(source: str) -> str:
    """A number `h` of the (sensor, uid) of each row of `source` that has a uid."""
    return f"SELECT hash(uid, sensor) AS h FROM {source} WHERE uid IS NOT NULL"


def repeated(source: str) -> str:
    """The numbers that occur several times in `source`, as table `repeated`.

    Hashing makes this cheap for the usual case that there are none; the next step compares the uids.
    """
    return (
        "CREATE OR REPLACE TEMP TABLE repeated AS"
        f" SELECT h FROM ({hashes(source)}) GROUP BY h HAVING count(*) > 1"
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
