"""What the register's decisions say of rows; see `sekisho.store.queries.verdicts`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sekisho.model.verdicts import Rank
from sekisho.store.engines.portable import Functions
from sekisho.store.queries.columns import CONNECTION
from sekisho.store.queries.months import DAY_LEVEL, PIECE_LEVEL
from sekisho.store.questions.arithmetic import LARGEST
from sekisho.store.questions.ends import counted, difference
from sekisho.store.questions.shaping import shaped
from sekisho.store.shapes import COMBINATIONS, DECIDED, JUDGED, LOOSE

if TYPE_CHECKING:
    import ibis.expr.types as ir

NEEDS = (int(Rank.LAPSED), int(Rank.UNAUTHORIZED))
"""Decisions that hold for established flows; of others the same row is an attempt."""


def decided(
    labelled: ir.Table, decisions: ir.Table, window: tuple[int, int], functions: Functions
) -> ir.Table:
    """DECIDED: rows of LABELLED that the window (begin, end; microseconds) reaches, by the decision at
    their first flow; `decisions` is DECISIONS.

    `settled` is whether that decision, and the window, hold for every flow of the row.
    """
    both = _reached(labelled, window, functions).join(
        _timed(decisions, functions), list(COMBINATIONS.names)
    )
    first = functions.micros(both["first"])
    both = both.filter((both["since"] <= first) & (first < both["stop"]))
    begin, end = window
    return shaped(
        both.mutate(
            decided=both["rank"],
            settled=both["steady"]
            & (both["until"] < both["stop"])
            & (functions.micros(both["first"]) >= begin)
            & (both["until"] < end),
        ),
        DECIDED,
    )


def _timed(decisions: ir.Table, functions: Functions) -> ir.Table:
    """Decisions with `since` and `stop` in microseconds, without bound the least and the greatest."""
    return decisions.select(
        *COMBINATIONS.names,
        "rank",
        since=functions.micros(decisions["begin"]).fill_null(-LARGEST),
        stop=functions.micros(decisions["end"]).fill_null(LARGEST),
    )


def _reached(labelled: ir.Table, window: tuple[int, int], functions: Functions) -> ir.Table:
    begin, end = window
    return labelled.filter((labelled["until"] >= begin) & (functions.micros(labelled["first"]) < end))


def undecided(
    labelled: ir.Table, decided: ir.Table, window: tuple[int, int], functions: Functions
) -> ir.Table:
    """`n`: how many rows that the window reaches have no decision, less those that have several."""
    return difference(_reached(labelled, window, functions), decided)


def kept(decided: ir.Table) -> ir.Table:
    """JUDGED: rows of DECIDED that are settled. A piece lies between two changes: its last flow alone
    may go on."""
    return _ranked(decided.filter(decided["settled"] | (decided["level"] == PIECE_LEVEL)))


def loose(decided: ir.Table) -> ir.Table:
    """LOOSE: rows that are to be looked at more closely."""
    return shaped(_loose(decided), LOOSE)


def loose_spans(decided: ir.Table) -> ir.Table:
    """(level, span, n): in which spans how many rows are loose."""
    rows = _loose(decided)
    return rows.group_by(["level", "span"]).agg(n=rows.count())


def _loose(decided: ir.Table) -> ir.Table:
    return decided.filter(~decided["settled"] & (decided["level"] < PIECE_LEVEL))


def strictest(rows: ir.Table, decided: ir.Table, blunt: ir.Table) -> ir.Table:
    """JUDGED: ROWS of the days whose raw flows are gone, each as a whole, by the strictest decision of
    the pieces of its day; `decided` is of those pieces, which `blunt` (BLUNT) names."""
    import ibis

    pieces = decided.rename(begin="span").join(blunt.rename(day="span").drop("stop"), "begin")
    strict = ibis.window(
        group_by=["day", *CONNECTION], order_by=[pieces["decided"].desc(), pieces["first"]]
    )
    placed = pieces.mutate(place=ibis.row_number().over(strict))
    worst = placed.filter(placed["place"] == 0).select(
        "src_class", "dst_class", "decided", *CONNECTION, span="day"
    )
    days = counted(rows).filter(rows["level"] == DAY_LEVEL)
    return _ranked(days.join(worst, ["span", *CONNECTION]))


def blunted(rows: ir.Table, blunt: ir.Table) -> ir.Table:
    """`n`: of the rows of pruned days by their pieces, how many may have flows in several pieces; the
    others are judged as sharply as ever."""
    pieces = rows.rename(begin="span").join(blunt.rename(day="span").drop("stop"), "begin")
    each = pieces.group_by(["day", *CONNECTION]).agg(pieces=pieces.count())
    several = each.filter(each["pieces"] > 1)
    return several.agg(n=several.count())


def needs_established(decided: Any) -> Any:
    """Whether a decision holds for established flows only."""
    return decided.isin(NEEDS)


def _ranked(rows: ir.Table) -> ir.Table:
    import ibis

    attempted = needs_established(rows["decided"]) & (rows["counted"] == 0)
    held = needs_established(rows["decided"]) & (rows["counted"] > 0)
    return shaped(
        rows.mutate(
            rank=ibis.ifelse(attempted, int(Rank.ATTEMPTED), rows["decided"]),
            since=ibis.ifelse(held, rows["first_counted"], rows["first"]),
        ),
        JUDGED,
    )
