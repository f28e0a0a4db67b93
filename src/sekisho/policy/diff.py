"""Which observed connections change verdict from one policy to another, and by which rules.

The evidence is judged once by each policy elsewhere; here the two answers are laid side by side.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from sekisho.model.findings import PolicyVersion
from sekisho.model.flows import TIME
from sekisho.model.services import service_label
from sekisho.model.verdicts import Rank
from sekisho.policy.compile import CompiledPolicy
from sekisho.policy.decide import micros
from sekisho.policy.differences import Change, ChangeGroup, Permissions, PolicyDiff
from sekisho.policy.judged import describe
from sekisho.store.shapes import CONNECTIONS

Ints = npt.NDArray[np.int64]
JUDGED = pa.schema(
    [*CONNECTIONS, ("rank", pa.int8()), ("flows", pa.int64()), ("first", TIME), ("last", TIME)]
)
"""One row per connection. `rank` is `Rank`, the worst of its flows; times are UTC."""


def changed(
    old: Any,
    new: Any,
    before: CompiledPolicy,
    after: CompiledPolicy,
    *,
    listed: int = 1_000,
    grouped: int = 1_000,
    permissions: Permissions | None = None,
) -> PolicyDiff:
    """Lay two judgements of the same evidence side by side.

    `old` and `new` are tables with the columns of `JUDGED`, each connection once, in any order: what
    `before` and what `after` said. Names and sites are those of `after`'s inventory. At most `listed`
    connections and `grouped` groups are written out; all are counted, and a note says what is not
    shown. A connection that only one table has is no change of verdict: a note counts those.
    `permissions` goes into the document as it is. Raises KeyError where a column is missing.
    """
    old, new = old.select(JUDGED.names).cast(JUDGED), new.select(JUDGED.names).cast(JUDGED)
    both = _side_by_side(old, new)
    rows = both.filter(pc.not_equal(both["rank"], both["new_rank"]))
    groups = _groups(rows, after)
    order = _order(rows)[:listed]
    notes = []
    single = old.num_rows + new.num_rows - 2 * both.num_rows
    if single:
        notes.append(f"{single} connections are in one of the two judgements only and left out")
    if rows.num_rows > len(order):
        notes.append(f"{rows.num_rows - len(order)} more connections change and are not listed")
    if len(groups) > grouped:
        notes.append(f"{len(groups) - grouped} more groups are not listed")
    return PolicyDiff(
        old=PolicyVersion(sha256=before.policy.sha256, rules=len(before.policy.rules)),
        new=PolicyVersion(sha256=after.policy.sha256, rules=len(after.policy.rules)),
        connections=both.num_rows,
        changed=rows.num_rows,
        groups=groups[:grouped],
        changes=_changes(rows.take(pa.array(order)), before, after),
        permissions=permissions,
        notes=tuple(notes),
    )


def _side_by_side(old: Any, new: Any) -> Any:
    """Rows of `old` with `new_rank`, for the connections that both have."""
    if old.num_rows == new.num_rows and old.select(CONNECTIONS.names).equals(
        new.select(CONNECTIONS.names)
    ):
        return old.append_column("new_rank", new["rank"])
    ranks = new.select([*CONNECTIONS.names, "rank"]).rename_columns([*CONNECTIONS.names, "new_rank"])
    return old.join(ranks, CONNECTIONS.names, join_type="inner")


def _order(rows: Any) -> Ints:
    """Positions: what becomes worse first, the worst and the busiest first, then by key."""
    old, new = (rows[name].to_numpy().astype(np.int64) for name in ("rank", "new_rank"))
    codes = [
        pc.rank(rows[name], tiebreaker="dense").to_numpy().astype(np.int64)
        if name.endswith("realm")
        else rows[name].to_numpy().astype(np.int64)
        for name in CONNECTIONS.names
    ]
    flows = rows["flows"].to_numpy()
    order: Ints = np.lexsort((*reversed(codes), -flows, old, -new, new < old))
    return order


def _groups(rows: Any, after: CompiledPolicy) -> tuple[ChangeGroup, ...]:
    columns = {
        "src": _classes(rows, "src", after),
        "dst": _classes(rows, "dst", after),
        **{name: rows[name] for name in ("protocol", "port", "rank", "new_rank", "flows")},
    }
    by = ["src", "dst", "protocol", "port", "rank", "new_rank"]
    counted = pa.table(columns).group_by(by).aggregate([("flows", "sum"), ([], "count_all")])
    totals: dict[tuple[str | None, str | None, str, int, int], tuple[int, int]] = {}
    for row in counted.to_pylist():
        source, destination = (after.classes[row[end]].site for end in ("src", "dst"))
        service = service_label(row["protocol"], row["port"])
        key = source, destination, service, row["rank"], row["new_rank"]
        connections, flows = totals.get(key, (0, 0))
        totals[key] = connections + row["count_all"], flows + row["flows_sum"]
    ordered = sorted(
        totals.items(),
        key=lambda item: (
            item[0][4] < item[0][3],
            -item[0][4],
            -item[1][0],
            [part or "" for part in item[0][:3]],
            item[0][3],
        ),
    )
    return tuple(
        ChangeGroup(
            src_site=source,
            dst_site=destination,
            service=service,
            before=Rank(old).verdict,
            after=Rank(new).verdict,
            connections=connections,
            flows=flows,
        )
        for (source, destination, service, old, new), (connections, flows) in ordered
    )


def _classes(rows: Any, end: str, judge: CompiledPolicy) -> Ints:
    """The class of one end of every row, at the row's last time."""
    points = np.array([micros(point) for point in judge.epochs], dtype=np.int64)
    last = rows["last"].cast(pa.int64()).to_numpy()
    labelled = judge.label(
        pa.table(
            {
                "epoch": np.searchsorted(points, last, "right").astype(np.int32),
                "realm": rows[f"{end}_realm"],
                "hi": rows[f"{end}_hi"],
                "lo": rows[f"{end}_lo"],
            }
        )
    )
    classes: Ints = labelled["class"].to_numpy().astype(np.int64)
    return classes


def _changes(rows: Any, before: CompiledPolicy, after: CompiledPolicy) -> tuple[Change, ...]:
    return tuple(describe(row, before, after) for row in rows.to_pylist())
