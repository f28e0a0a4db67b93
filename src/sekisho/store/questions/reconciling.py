"""What the sensors at both ends of a connection recorded of it; see `sekisho.store.queries.reconciling`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sekisho.model.flows import Flag
from sekisho.store.engines.portable import Functions
from sekisho.store.queries.columns import CONNECTION
from sekisho.store.queries.levels import IDENTITY
from sekisho.store.queries.reconciling import PACKETS
from sekisho.store.queries.rollup import MERGED, ONLY, VIEW
from sekisho.store.questions.shaping import shaped
from sekisho.store.reconciled import BETWEEN_ENDS, LOCATED, SAMPLED, SIDED, WHOLE

if TYPE_CHECKING:
    import ibis.expr.types as ir


def sampled(rows: ir.Table) -> ir.Table:
    """SAMPLED: sensors that say that they sampled."""
    seen = rows.filter(rows["role"].isin([ONLY, VIEW]))
    seen = seen.filter((seen["flags"].cast("int64") & int(Flag.SAMPLED)) != 0)
    return shaped(seen.select("sensor").distinct(), SAMPLED)


def between_ends(judged: ir.Table, class_sites: ir.Table) -> ir.Table:
    """BETWEEN_ENDS: JUDGED rows between two sites that both have sensors at their edge."""
    both = judged
    for end in ("src", "dst"):
        mine = class_sites.rename({f"{end}_class": "class", f"{end}_site": "site"})
        both = both.join(mine, f"{end}_class")
    return shaped(both.filter(both["src_site"] != both["dst_site"]), BETWEEN_ENDS)


def rows_between(rows: ir.Table, between: ir.Table) -> ir.Table:
    """LOCATED: ROWS, counted and views, of BETWEEN_ENDS, with the sites of their ends."""
    return shaped(rows.join(between, list(IDENTITY)), LOCATED)


def sided(located: ir.Table, edges: ir.Table, functions: Functions) -> ir.Table:
    """SIDED: each row of BETWEEN_ENDS with what either edge has of it, from LOCATED."""
    import ibis

    both = located.left_join(edges.rename(edge="site"), "sensor")
    whole, seen = both["role"].isin([ONLY, MERGED]), both["role"].isin([ONLY, VIEW])
    packets = [ibis.least(both[f"packets_{way}"], PACKETS) for way in ("out", "in")]
    sides: dict[str, Any] = {}
    for end in ("src", "dst"):
        here = seen & (both["edge"].fill_null(0) == both[f"{end}_site"])
        sides |= {
            f"at_{end}": both["flows"].sum(where=here).fill_null(0),
            f"most_{end}": both["flows"].max(where=here).fill_null(0),
            f"established_{end}": both["established"].sum(where=here).fill_null(0),
            f"hours_{end}": functions.bit_or(ibis.ifelse(here, both["hours"].cast("int64"), 0)),
        }
    edge = both["edge"].fill_null(0)
    elsewhere = seen & (edge != both["src_site"]) & (edge != both["dst_site"])
    return shaped(
        both.group_by([*IDENTITY, "src_site", "dst_site"]).agg(
            elsewhere=both["flows"].max(where=elsewhere).fill_null(0),
            days=both["days"].max(where=whole),
            flows=both["flows"].max(where=whole),
            first=both["first"].min(where=whole),
            last=both["last"].max(where=whole),
            hours=both["hours"].max(where=whole),
            packets=(packets[0] + packets[1]).max(where=whole),
            **sides,
        ),
        SIDED,
    )


def uneven_ends(sided: ir.Table) -> ir.Table:
    """SIDED of what an edge has less of than there was."""
    return shaped(sided.filter(~_even(sided)), SIDED)


def even_ends(sided: ir.Table) -> ir.Table:
    """WHOLE: how much there is of which both edges have everything."""
    import ibis

    even = sided.filter(_even(sided))
    days = even["days"].sum()
    pairs = even.group_by(["src_site", "dst_site"]).agg(
        connection_days=days, flows=even["flows"].sum(), even=days
    )
    # What both edges have all of is never at neither.
    return shaped(pairs.mutate(neither=ibis.literal(0, "int64")), WHOLE)


def days_between(days: ir.Table, month_days: ir.Table, months: ir.Table) -> ir.Table:
    """LOCATED: ROWS of days of what is in `months`, BETWEEN_ENDS; `month_days` (month, span) says which
    month each day is of."""
    of = months.drop("level").rename(month="span")
    dated = days.join(month_days, "span")
    return shaped(dated.join(of, ["month", *CONNECTION]), LOCATED)


def _even(sided: ir.Table) -> Any:
    return (sided["most_src"] == sided["flows"]) & (sided["most_dst"] == sided["flows"])
