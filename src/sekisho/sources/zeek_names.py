"""What Zeek's logs beside conn say about names, whatever notation they were written in.

Source: Zeek's documentation of the records DNS::Info, SSL::Info, HTTP::Info and Files::Info.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from sekisho.sources.blocks import Piece
from sekisho.sources.name_draft import NameDraft

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Columns = dict[str, Any]

ENDS = ("uid", "id.orig_h", "id.resp_h")
PORT = "id.resp_p"
LIST = pa.list_(pa.string())


@dataclass(frozen=True, slots=True)
class NameLog:
    """One of Zeek's logs.

    `path` is what Zeek calls it. `marks` are fields that each of its records has and together no other
    log's, and their kinds in JSON; `columns` are those by which a header without `#path` is known. `texts`,
    `lists` and `flags` (true or false) are what `fill` takes names from. `with_ends`: every record has both
    ends.
    """

    path: str
    marks: Mapping[str, pa.DataType]
    columns: tuple[str, ...]
    texts: tuple[str, ...]
    lists: tuple[str, ...]
    fill: Callable[[NameDraft, Columns], None]
    flags: tuple[str, ...] = ()
    with_ends: bool = True

    @property
    def needed(self) -> tuple[str, ...]:
        """Columns without which no row can be read."""
        return ("ts", *ENDS[1:]) if self.with_ends else ("ts",)

    @property
    def every_text(self) -> tuple[str, ...]:
        """All fields of text."""
        return (*ENDS, *self.texts)


def take(
    log: NameLog,
    piece: Piece,
    columns: Columns,
    times: tuple[Ints, Bools],
    rows: Ints,
    texts: Callable[[], list[bytes]],
    fields: pa.Table | None,
) -> None:
    """Add the names of records to a piece.

    `times` are ts in microseconds and where they were unset; `columns` has Arrow columns (null where
    unset); one that the source lacks is unset throughout. `fields` is parallel to `rows`.
    """
    count = len(rows)
    given = dict(columns)
    for names, kind in (
        (log.every_text, pa.string()),
        ((PORT,), pa.int64()),
        (log.lists, LIST),
        (log.flags, pa.bool_()),
    ):
        for name in names:
            given.setdefault(name, pa.nulls(count, kind))
    draft = NameDraft(rows)
    draft.times(*times)
    draft.address("src", given["id.orig_h"], "id.orig_h", needed=log.with_ends)
    draft.address("dst", given["id.resp_h"], "id.resp_h", needed=log.with_ends)
    draft.port(given[PORT], PORT)
    draft.uids(given["uid"])
    log.fill(draft, given)
    piece.take_names(draft, texts, fields)
