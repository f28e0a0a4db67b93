"""What the sensors at both ends of a connection recorded of it; see `sekisho.store.queries.reconciling`."""

from __future__ import annotations

from math import log
from typing import TYPE_CHECKING, Any

from sekisho.model.flows import Flag
from sekisho.store.engines.portable import Functions
from sekisho.store.queries.columns import CONNECTION, DAY
from sekisho.store.queries.levels import IDENTITY
from sekisho.store.queries.months import MONTH_LEVEL
from sekisho.store.queries.reconciling import (
    BLOCKED,
    OUTAGE,
    PACKETS,
    PERHAPS_OUTAGE,
    SAMPLING,
    UNEXPLAINED,
    UNLIKELY,
)
from sekisho.store.queries.rollup import MERGED, ONLY, VIEW
from sekisho.store.questions.arithmetic import floored
from sekisho.store.questions.shaping import shaped
from sekisho.store.reconciled import (
    BETWEEN_ENDS,
    CANDIDATES,
    COMPARED,
    LOCATED,
    SAMPLED,
    SIDED,
    SPREAD,
    UNEVEN,
    WHOLE,
)

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
    return shaped(
        both.group_by([*IDENTITY, "src_site", "dst_site"]).agg(
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


def of_months(sided: ir.Table) -> ir.Table:
    """BETWEEN_ENDS of the months of which something is to be looked at by the day."""
    return shaped(sided.filter((sided["level"] == MONTH_LEVEL) & ~_even(sided)), BETWEEN_ENDS)


def without_months(sided: ir.Table) -> ir.Table:
    """SIDED without these."""
    return shaped(sided.filter((sided["level"] != MONTH_LEVEL) | _even(sided)), SIDED)


def days_between(days: ir.Table, month_days: ir.Table, months: ir.Table) -> ir.Table:
    """LOCATED: ROWS of days of what is in `months`, BETWEEN_ENDS; `month_days` (month, span) says which
    month each day is of."""
    of = months.drop("level").rename(month="span")
    dated = days.join(month_days, "span")
    return shaped(dated.join(of, ["month", *CONNECTION]), LOCATED)


def _even(sided: ir.Table) -> Any:
    return (sided["most_src"] == sided["flows"]) & (sided["most_dst"] == sided["flows"])


def compared(sided: ir.Table, dark: ir.Table, rates: ir.Table) -> ir.Table:
    """COMPARED: what is uneven, once for each end that lacks flows, and what explains that."""
    import ibis

    parts = []
    for end, other in (("src", "dst"), ("dst", "src")):
        here, there = (ibis.least(sided[f"at_{one}"], sided["flows"]) for one in (end, other))
        answered = sided[f"established_{other}"] if end == "dst" else sided["flows"]
        part = sided.filter(~_even(sided)).mutate(
            missing_at=ibis.literal(end),
            site=sided[f"{end}_site"],
            here=sided[f"at_{end}"],
            there=sided[f"at_{other}"],
            missing=ibis.least(sided["flows"] - here, there),
            without=_less(sided[f"hours_{other}"], sided[f"hours_{end}"]),
            answered=answered - ibis.least(sided[f"established_{end}"], answered),
            day=floored(sided["span"], DAY),
        )
        parts.append(part.filter(part["missing"] > 0))
    both = ibis.union(*parts)
    both = both.left_join(rates, "site").drop("site_right")
    known = dark.rename(dark="hours")
    both = both.left_join(known, ["site", "day"]).drop("site_right", "day_right")
    one_in, hidden = both["one_in"].fill_null(0.0), both["dark"].fill_null(0)
    chance = both["packets"] * (1 - 1 / ibis.greatest(one_in, 1.5)).ln()
    why = ibis.cases(
        ((one_in > 1) & ((both["here"] > 0) | (chance > log(UNLIKELY))), SAMPLING),
        (_less(both["hours"], hidden) == 0, OUTAGE),
        ((both["hours"].cast("int64") & hidden.cast("int64")) != 0, PERHAPS_OUTAGE),
        ((both["missing_at"] == "dst") & (both["answered"] == 0), BLOCKED),
        else_=UNEXPLAINED,
    )
    return shaped(both.mutate(why=why), COMPARED)


def _less(hours: Any, others: Any) -> Any:
    """Bits of one that the other lacks."""
    one, two = hours.cast("int64"), others.cast("int64")
    return one - (one & two)


def whole(sided: ir.Table) -> ir.Table:
    """WHOLE: all connection-days of each pair of sites, and those of which both ends have everything."""
    return shaped(
        sided.group_by(["src_site", "dst_site"]).agg(
            connection_days=sided["days"].sum(),
            flows=sided["flows"].sum(),
            even=sided["days"].sum(where=_even(sided)).fill_null(0),
        ),
        WHOLE,
    )


def uneven(compared: ir.Table) -> ir.Table:
    """UNEVEN: the other connection-days of each pair of sites."""
    both = compared.mutate(partly=compared["here"] > 0)
    return shaped(
        both.group_by(["src_site", "dst_site", "missing_at", "partly", "why"]).agg(
            connection_days=both["days"].sum(), missing=both["missing"].sum(), flows=both["flows"].sum()
        ),
        UNEVEN,
    )


def spread(compared: ir.Table, functions: Functions) -> ir.Table:
    """SPREAD: of each edge and day what it misses of connections that it has otherwise."""
    import ibis

    open_ = (compared["here"] > 0) & (compared["why"] == UNEXPLAINED)
    both = compared.mutate(open=open_, day=floored(compared["span"], DAY))
    return shaped(
        both.group_by(["site", "day"]).agg(
            without=functions.bit_or(ibis.ifelse(both["open"], both["without"].cast("int64"), 0)),
            missing=both["missing"].sum(where=both["open"]).fill_null(0),
            partly=(both["open"] & (both["without"] != 0)).cast("int64").sum(),
        ),
        SPREAD,
    )


def candidates(compared: ir.Table, limit: int) -> ir.Table:
    """CANDIDATES: what nothing explains so far, what an end has nothing of first."""
    open_ = compared.filter(compared["why"].isin([UNEXPLAINED, PERHAPS_OUTAGE]))
    keys = [open_[name].asc() for name in CONNECTION]
    partly = (open_["here"] > 0).cast("int64")
    order = [open_["why"].asc(), partly.asc(), open_["missing"].desc(), open_["span"].asc(), *keys]
    return shaped(open_.order_by([*order, open_["missing_at"].asc()]).limit(limit), CANDIDATES)
