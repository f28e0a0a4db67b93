"""The rows that a round of judging looks at; see `sekisho.store.queries.months` and `.levels`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sekisho.model.flows import ONE_WAY_VOLUME
from sekisho.store.engines.portable import Functions
from sekisho.store.queries.columns import CONNECTION
from sekisho.store.queries.levels import IDENTITY
from sekisho.store.queries.months import DAY_LEVEL, MONTH_LEVEL, PIECE_LEVEL
from sekisho.store.questions.arithmetic import earlier
from sekisho.store.questions.ends import counted
from sekisho.store.questions.shaping import shaped
from sekisho.store.shapes import ROWS

if TYPE_CHECKING:
    import ibis.expr.types as ir


def rows_of_days(days: ir.Table) -> ir.Table:
    """ROWS of whole days from CONNECTION_DAYS."""
    import ibis

    volume = (days["oneway_out"] >= ONE_WAY_VOLUME) | (days["oneway_in"] >= ONE_WAY_VOLUME)
    established, first = days["established"], days["first_established"]
    return shaped(
        days.mutate(
            level=ibis.literal(DAY_LEVEL),
            span=days["piece_begin"],
            days=ibis.literal(1),
            counted=established + ibis.ifelse(volume, days["oneway_flows"], 0),
            first_counted=ibis.ifelse(volume, earlier(first, days["first_oneway"]), first),
        ),
        ROWS,
    )


def rows_of_months(months: ir.Table) -> ir.Table:
    """ROWS of whole months from CONNECTION_MONTHS."""
    import ibis

    return shaped(months.mutate(level=ibis.literal(MONTH_LEVEL)), ROWS)


def days_of_months(days: ir.Table, month_days: ir.Table, loose: ir.Table) -> ir.Table:
    """ROWS of days of those connections that are loose (LOOSE) in the month of the day; `month_days`
    (month, span) says which that is."""
    months = loose.filter(loose["level"] == MONTH_LEVEL).drop("level").rename(month="span")
    dated = days.join(month_days, "span")
    return shaped(dated.semi_join(months, ["month", *CONNECTION]), ROWS)


def blunt(rows: ir.Table, pieces: ir.Table, loose: ir.Table, functions: Functions) -> ir.Table:
    """ROWS of days that are in `loose` (LOOSE), once for each of the `pieces` (BLUNT) of their day in
    which they may have flows."""
    import ibis

    days = counted(rows).filter(rows["level"] == DAY_LEVEL).semi_join(loose, list(IDENTITY))
    both = days.join(pieces, "span")
    both = both.filter(
        (functions.micros(both["first"]) < both["stop"])
        & (functions.micros(both["last"]) >= both["begin"])
    )
    return shaped(
        both.mutate(
            level=ibis.literal(PIECE_LEVEL),
            span=both["begin"],
            first=ibis.greatest(both["first"], functions.moment(both["begin"])),
        ),
        ROWS,
    )


def together(*parts: ir.Table) -> ir.Table:
    """All rows of tables of one shape; of one at least."""
    import ibis

    return ibis.union(*parts) if len(parts) > 1 else parts[0]
