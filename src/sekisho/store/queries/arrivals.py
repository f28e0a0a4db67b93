"""What some files brought, one row per connection, sensor and piece of time."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from sekisho.model.flows import Flag, Orientation
from sekisho.model.protocols import WITH_PORTS
from sekisho.store.queries.columns import DAY, KEY, PORT, floored, same
from sekisho.store.queries.conversations import clamped, two_way
from sekisho.store.queries.sources import parquet

_ONEWAY = "NOT established AND NOT blocked"
_SURE = f"orientation >= {int(Orientation.HANDSHAKE)}"
PORTS = 64
"""Client ports of one connection that are named at most."""


def raw(name: str, paths: Sequence[Path], first: int, last: int, *, superseded: bool) -> str:
    """A view of the rows of files `first` to `last` that count; reads `superseded` where there is anything
    in it. `brought` is what the other questions are about."""
    without = " ANTI JOIN superseded s ON r.file = s.file AND r.row = s.row" if superseded else ""
    return f"""
    CREATE OR REPLACE TEMP VIEW {name} AS
    SELECT r.* EXCLUDE (icmp, uid) FROM {parquet(paths)} r{without}
    WHERE r.file BETWEEN {int(first)} AND {int(last)}
    """


def begun(paths: Sequence[Path], *, superseded: bool) -> str:
    """Keys, first, last and flows of what the ends in `asked` (realm, hi, lo) opened: records that only may
    have been opened by them do not count."""
    without = " ANTI JOIN superseded s ON r.file = s.file AND r.row = s.row" if superseded else ""
    return f"""
    SELECT {KEY}, min(start) AS first, max(start) AS last, count(*) AS flows
    FROM (SELECT r.*, {PORT} AS port FROM {parquet(paths)} r{without}
        WHERE orientation > {int(Orientation.GUESS)}) f
    SEMI JOIN asked a ON f.src_realm = a.realm AND f.src_hi = a.hi AND f.src_lo = a.lo
    GROUP BY {KEY}
    """


def reach(source: str) -> str:
    """The first and the last start, microseconds, and whether there are one-way records."""
    return f"""
    SELECT min(epoch_us(start)) AS first, max(epoch_us(start)) AS last, count(*) AS n,
        coalesce(bool_or(flags & {int(Flag.ONE_WAY)} <> 0), FALSE) AS one_way
    FROM {source}
    """


def _in_pieces(source: str, pieces: Sequence[int]) -> str:
    """A relation with `piece`: the last of `pieces` (microseconds) at or before the start.

    Of several they are read from `cuts` (begin).
    """
    if len(pieces) == 1:
        return f"(SELECT *, {int(pieces[0])}::BIGINT AS piece FROM {source})"
    return (
        f"(SELECT f.*, c.begin AS piece FROM (SELECT *, epoch_us(start) AS at FROM {source}) f"
        " ASOF JOIN cuts c ON f.at >= c.begin)"
    )


def coarse(pieces: Sequence[int]) -> str:
    """What was brought, by sensor and pieces of time, as the records are oriented: no two are put
    together. `guessed`: some may have been opened from either end."""
    hour = f"(((epoch_us(start) % {DAY}) + {DAY}) % {DAY} // 3600000000)::INTEGER"
    return f"""
    SELECT piece, {floored("piece", DAY)} // {DAY} AS day, sensor, {KEY}, count(*) AS flows,
        min(start) AS first, {clamped("sum(bytes_out)")} AS bytes_out,
        {clamped("sum(bytes_in)")} AS bytes_in,
        bool_or(orientation <= {int(Orientation.GUESS)}) AS guessed, bit_or(1::INTEGER << {hour}) AS hours
    FROM (SELECT *, {PORT} AS port FROM {_in_pieces("brought", pieces)})
    GROUP BY piece, sensor, {KEY}
    """


_ENDS = ("src_realm", "src_hi", "src_lo", "dst_realm", "dst_hi", "dst_lo", "protocol")


def observed(source: str, *, confined: bool) -> str:
    """The table `observed`: rows of `source`, or of those what is between the ends in `pairs`, where these
    stand either way round."""
    which = f" SEMI JOIN pairs p ON {same('r', 'p', _ENDS)}" if confined else ""
    return f"CREATE OR REPLACE TEMP TABLE observed AS SELECT r.* FROM {source} r{which}"


def conversations(one_way: bool) -> str:
    """A view of all conversations in `observed`; `stitched` holds those of one-way records."""
    halves = " UNION ALL SELECT * FROM stitched" if one_way else ""
    return f"CREATE OR REPLACE TEMP VIEW conversations AS {two_way('observed')}{halves}"


def summed(pieces: Sequence[int]) -> str:
    """What arrived, from `conversations`, by pieces of time.

    `provisional`: no record shows who opened it. `halves` are flows of which one direction has come yet;
    `sent` and `answered` say which.
    """
    half = "sent <> answered AND NOT established"
    return f"""
    SELECT piece, {floored("piece", DAY)} // {DAY} AS day, sensor, {KEY},
        count(*) AS flows, count(*) FILTER (established) AS established,
        count(*) FILTER ({_ONEWAY}) AS oneway_flows,
        coalesce({clamped(f"sum(bytes_out) FILTER ({_ONEWAY})")}, 0) AS oneway_out,
        coalesce({clamped(f"sum(bytes_in) FILTER ({_ONEWAY})")}, 0) AS oneway_in,
        min(start) AS first,
        max(if(flags & {int(Flag.IMPOSSIBLE_TIME)} <> 0, start, greatest("end", start))) AS last,
        min(start) FILTER (established) AS first_established,
        {clamped("sum(bytes_out)")} AS bytes_out, {clamped("sum(bytes_in)")} AS bytes_in,
        NOT bool_or({_SURE}) AS provisional, max(orientation) AS orientation,
        count(*) FILTER ({half}) AS halves, bool_or(sent) AS sent, bool_or(answered) AS answered
    FROM (SELECT *, {PORT} AS port FROM {_in_pieces("conversations", pieces)})
    GROUP BY piece, sensor, {KEY}
    """


def ports() -> str:
    """(keys, client ports that sent, that answered, all) of the one-way records of the connections in
    `asked`."""
    keys = ", ".join("f." + name for name in KEY.split(", "))
    half = "f.sent <> f.answered AND NOT f.established"

    def some(where: str) -> str:
        return f"coalesce(list(DISTINCT f.src_port) FILTER ({where}), [])[:{PORTS}]"

    return f"""
    SELECT {keys}, {some(f"f.sent AND {half}")} AS sent, {some(f"f.answered AND {half}")} AS answered,
        {some("TRUE")} AS clients
    FROM (SELECT *, {PORT} AS port FROM stitched) f SEMI JOIN asked a USING ({KEY})
    GROUP BY {keys}
    """


_WITH_PORTS = ", ".join(map(str, sorted(WITH_PORTS)))


def opposite() -> str:
    """Of connections in `asked` (keys, client, orientation, first) those whose five-tuple a conversation
    shows to have been opened from the other end: asked keys, client, and `orientation`, `start` of it.

    A surer record decides; where nothing is sure, whoever sent first.
    """
    keys = ", ".join("a." + name for name in KEY.split(", "))
    return f"""
    SELECT {keys}, a.client, max(c.orientation) AS orientation, min(c.start) AS start
    FROM asked a JOIN conversations c ON c.protocol = a.protocol
        AND c.src_lo = a.dst_lo AND c.dst_lo = a.src_lo AND c.src_hi = a.dst_hi AND c.dst_hi = a.src_hi
        AND c.src_realm = a.dst_realm AND c.dst_realm = a.src_realm
        AND (c.protocol NOT IN ({_WITH_PORTS}) OR (c.src_port = a.port AND c.dst_port = a.client))
    WHERE c.orientation > a.orientation
        OR (c.orientation = a.orientation AND a.orientation = {int(Orientation.GUESS)}
            AND c.start < a.first)
    GROUP BY ALL
    """
