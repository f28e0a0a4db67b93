"""Eras: within which change points of the inventory a row's flows lie, and so which labels it has."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from sekisho.errors import SekishoError
from sekisho.store.shapes import LABELS, SPANS, conformed


@dataclass(frozen=True, slots=True)
class Span:
    """What rows of one level and span cover: starts of flows in [begin, stop), microseconds."""

    level: int
    begin: int
    stop: int


@dataclass(frozen=True, slots=True)
class Eras:
    """`spans` says the era of each span; era number n is the epochs `ranges[n]`, both included."""

    spans: pa.Table
    ranges: tuple[tuple[int, int], ...]


def eras(spans: Sequence[Span], epochs: Sequence[int]) -> Eras:
    """The eras of spans. Epoch e begins at `epochs[e - 1]` (microseconds), the first has no beginning."""
    numbers: dict[tuple[int, int], int] = {}
    era = [
        numbers.setdefault(
            (bisect_right(epochs, span.begin), bisect_right(epochs, span.stop - 1)), len(numbers)
        )
        for span in spans
    ]
    columns = {
        "level": [span.level for span in spans],
        "span": [span.begin for span in spans],
        "stop": [span.stop for span in spans],
        "era": era,
    }
    return Eras(pa.table(columns, schema=SPANS), tuple(numbers))


def labels(addresses: pa.Table, found: Eras, label: Callable[[pa.Table], pa.Table]) -> pa.Table:
    """Label every address (era, realm, hi, lo) in all epochs of its era.

    `label` appends `class` to a table of epoch, realm, hi, lo, and leaves its rows as they are. Raises
    SekishoError where it does not.
    """
    of = addresses["era"].to_numpy()
    parts = []
    for era in np.unique(of).tolist():
        mine = addresses.filter(pa.array(of == era))
        first, last = found.ranges[era]
        classes = [_classes(mine, epoch, label) for epoch in range(first, last + 1)]
        steady = np.all([one == classes[0] for one in classes], axis=0)
        parts.append(
            mine.append_column("class", pa.array(classes[0])).append_column("steady", pa.array(steady))
        )
    return conformed(pa.concat_tables(parts), LABELS) if parts else LABELS.empty_table()


def _classes(
    addresses: pa.Table, epoch: int, label: Callable[[pa.Table], pa.Table]
) -> npt.NDArray[np.int32]:
    column = pa.repeat(pa.scalar(epoch, pa.int32()), addresses.num_rows)
    asked = addresses.drop_columns(["era"]).add_column(0, "epoch", column)
    labelled = label(asked)
    if not labelled.select(asked.column_names).equals(asked):
        raise SekishoError("labels are not those of the addresses that were asked for, in their order")
    classes: npt.NDArray[np.int32] = labelled["class"].to_numpy().astype(np.int32, copy=False)
    return classes
