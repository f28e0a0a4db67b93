"""What is common to Zeek's logs of names."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from sekisho.model.names import NameKind
from sekisho.sources.blocks import Piece
from sekisho.sources.name_draft import NameDraft
from sekisho.sources.zeek_names import Columns, NameLog, take


def fill(draft: NameDraft, columns: Columns) -> None:
    draft.value(NameKind.SNI, columns["name"])
    draft.values(NameKind.DNS_ANSWER, columns["more"])


def taken(*, with_ends: bool) -> Piece:
    log = NameLog("x", {"m": pa.bool_()}, (), ("name",), ("more",), fill, ("yes",), with_ends)
    piece = Piece()
    times = np.array([1, 2], dtype=np.int64), np.zeros(2, dtype=np.bool_)
    columns = {"name": pa.array(["a", "b"]), "id.orig_h": pa.array(["10.0.0.1", None])}
    rows = np.array([5, 6], dtype=np.int64)
    take(log, piece, columns, times, rows, lambda: [b"first", b"second"], None)
    return piece


def test_a_column_that_a_source_lacks_is_unset_throughout() -> None:
    piece = taken(with_ends=False)
    (names,) = piece.names
    assert names["value"].to_pylist() == ["a", "b"]
    assert names["src_lo"].is_null().to_pylist() == [False, True]
    assert names["uid"].to_pylist() == [None, None]


def test_ends_are_needed_where_a_log_always_has_them() -> None:
    piece = taken(with_ends=True)
    assert [(r.row, r.reason, r.text) for r in piece.rejects] == [
        (5, "id.resp_h is no address", b"first"),
        (6, "id.orig_h is no address", b"second"),
    ]
    assert piece.names[0].num_rows == 0


def test_what_a_log_needs_of_a_header() -> None:
    log = NameLog("x", {"m": pa.bool_()}, (), ("name",), (), fill)
    assert log.needed == ("ts", "id.orig_h", "id.resp_h")
    assert log.every_text == ("uid", "id.orig_h", "id.resp_h", "name")
