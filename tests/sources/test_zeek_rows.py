from __future__ import annotations

from datetime import UTC

from sekisho.model.flows import Flag
from sekisho.sources.base import ReadContext
from sekisho.sources.blocks import Piece
from sekisho.sources.zeek_rows import Rows, encodable, json_text

GOOD = {
    "ts": "1709251200.000001",
    "id.orig_h": "10.0.0.1",
    "id.orig_p": "1",
    "id.resp_h": "10.0.0.2",
    "id.resp_p": "22",
    "proto": "tcp",
}


def test_good_rows_become_flows_and_bad_ones_say_why(context: ReadContext) -> None:
    rows = Rows(["id.resp_p"], UTC)
    assert rows.add(3, b"three", GOOD, {"id.resp_p": "22"}, still_open=True) is None
    bad = rows.add(4, b"four", GOOD | {"duration": "soon"}, {}, still_open=False)
    assert bad is not None
    assert (bad.row, bad.reason) == (4, "duration is no number of seconds")
    assert rows.add(5, b"five", GOOD | {"id.resp_h": "x"}, {}, still_open=False) is None
    piece = Piece()
    rows.finish(piece, ReadContext("UTC", 1, context.now, fields=frozenset({"id.resp_p"})))
    assert [table["row"].to_pylist() for table in piece.flows] == [[3]]
    assert piece.flows[0]["flags"].to_pylist()[0] & Flag.OPEN
    assert [(reject.row, reject.text) for reject in piece.rejects] == [(5, b"five")]
    assert piece.fields[0].to_pylist() == [{"id.resp_p": "22"}]


def test_nothing_gathered_is_nothing(context: ReadContext) -> None:
    piece = Piece()
    Rows([], UTC).finish(piece, context)
    assert piece.flows == []


def test_lone_surrogates_are_replaced() -> None:
    assert encodable("a\ud800b") == "a?b"
    assert encodable("é") == "é"
    assert encodable(None) is None


def test_json_values_as_text() -> None:
    values = [None, "a", "\ud800", True, False, [], ["a", None, 1], 1.5, {"a": 1}]
    assert [json_text(v) for v in values] == [
        None,
        "a",
        "?",
        "true",
        "false",
        None,
        "a,1",
        "1.5",
        '{"a": 1}',
    ]
