"""The ends of a round's rows: their addresses and their classes; see `sekisho.store.queries.levels`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sekisho.store.engines.portable import Functions
from sekisho.store.queries.rollup import MERGED, ONLY
from sekisho.store.questions.shaping import shaped
from sekisho.store.shapes import ADDRESSES, COMBINATIONS, LABELLED

if TYPE_CHECKING:
    import ibis.expr.types as ir


def counted(rows: ir.Table) -> ir.Table:
    """Those of ROWS that together count every flow once."""
    return rows.filter(rows["role"].isin([ONLY, MERGED]))


def addresses(rows: ir.Table, spans: ir.Table) -> ir.Table:
    """ADDRESSES of every end of the rows, each once; `spans` is SPANS."""
    import ibis

    both = counted(rows).join(spans, ["level", "span"])
    ends = [
        both.select("era", realm=both[f"{end}_realm"], hi=both[f"{end}_hi"], lo=both[f"{end}_lo"])
        for end in ("src", "dst")
    ]
    return shaped(ibis.union(*(end.distinct() for end in ends)).distinct(), ADDRESSES)


def labelled(rows: ir.Table, spans: ir.Table, labels: ir.Table, functions: Functions) -> ir.Table:
    """LABELLED: rows that count, with the classes of their ends in their era; `labels` is LABELS.

    `until` (microseconds) is by when the last flow began, `steady` whether the classes hold for the
    whole era.
    """
    import ibis

    both = counted(rows).join(spans, ["level", "span"])
    for end in ("src", "dst"):
        mine = {f"{end}_{name}": name for name in ("realm", "hi", "lo", "class", "steady")}
        both = both.join(labels.rename(mine), ["era", f"{end}_lo", f"{end}_hi", f"{end}_realm"])
    return shaped(
        both.mutate(
            steady=both["src_steady"] & both["dst_steady"],
            until=ibis.least(functions.micros(both["last"]), both["stop"] - 1),
        ),
        LABELLED,
    )


def unlabelled(rows: ir.Table, labelled: ir.Table) -> ir.Table:
    """`n`: how many rows that count have an end without a label."""
    return difference(counted(rows), labelled)


def difference(more: ir.Table, fewer: ir.Table) -> ir.Table:
    """`n`: how many rows one table has more than another."""
    both = more.agg(more=more.count()).cross_join(fewer.agg(fewer=fewer.count()))
    return both.select(n=both["more"] - both["fewer"])


def combinations(labelled: ir.Table) -> ir.Table:
    """COMBINATIONS: what is to be decided, each once."""
    return shaped(labelled.select(*COMBINATIONS.names).distinct(), COMBINATIONS)
