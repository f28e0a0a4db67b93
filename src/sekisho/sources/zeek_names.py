"""What Zeek's logs beside conn say about names and logons, whatever notation they were written in.

Source: Zeek's documentation of the records DNS::Info, SSL::Info, HTTP::Info, Files::Info, KRB::Info,
NTLM::Info, SMB::TreeInfo, SMB::FileInfo and DCE_RPC::Info.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from sekisho.sources.blocks import Piece
from sekisho.sources.logon_draft import LogonDraft
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
    `lists` and `flags` (true or false) are what `fill` takes names from, or `fill_logons` logons: a log has
    one of them. `with_ends`: every record has both ends. `either`:
    fields of which each record has at least one, for a log none of whose own is in every record.
    """

    path: str
    marks: Mapping[str, pa.DataType]
    columns: tuple[str, ...]
    texts: tuple[str, ...]
    lists: tuple[str, ...]
    fill: Callable[[NameDraft, Columns], None] | None = None
    flags: tuple[str, ...] = ()
    with_ends: bool = True
    either: tuple[str, ...] = ()
    fill_logons: Callable[[LogonDraft, Columns], None] | None = None

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
    """Add the names or logons of records to a piece.

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
    draft = NameDraft(rows) if log.fill else LogonDraft(rows)
    draft.times(*times)
    draft.address("src", given["id.orig_h"], "id.orig_h", needed=log.with_ends)
    draft.address("dst", given["id.resp_h"], "id.resp_h", needed=log.with_ends)
    draft.port(given[PORT], PORT)
    draft.uids(given["uid"])
    if isinstance(draft, LogonDraft):
        draft.text("host", given["id.resp_h"])
        if log.fill_logons is not None:
            log.fill_logons(draft, given)
        piece.take_logons(draft, texts, fields)
    elif log.fill is not None:
        log.fill(draft, given)
        piece.take_names(draft, texts, fields)
