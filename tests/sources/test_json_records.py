"""Reading JSON records of any form: the slow path says what the fast one says."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime
from typing import Any, cast

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sekisho.sources import json_records
from sekisho.sources.base import Batch, ReadContext
from sekisho.sources.draft import Draft
from sekisho.sources.generic import draft_flows
from sekisho.sources.json_records import (
    Columns,
    Form,
    ahead,
    field_of,
    first,
    object_of,
    one_of,
    sniff,
    unless,
    words,
)
from sekisho.sources.lines import Damaged
from sekisho.sources.mapping import Mapping

NOW = datetime(2024, 6, 1, tzinfo=UTC)


class _Plain:
    texts = ("start", "src", "dst", "protocol", "kind")
    numbers = ("dst_port", "bytes_out")
    wrappers = ("_source",)

    def chosen(self, columns: Columns) -> Any:
        return ~one_of(words(columns, "kind"), ("other",))

    def draft(self, columns: Columns, rows: Any, context: ReadContext) -> tuple[Draft, tuple[str, ...]]:
        return draft_flows(columns, Mapping(), rows, context)


def read(raw: bytes, first_row: int = 1, fields: tuple[str, ...] = ()) -> list[Batch]:
    context = ReadContext("UTC", 1, NOW, first_row, None, frozenset(fields))
    return list(json_records.read(io.BytesIO(raw), context, cast("Form", _Plain())))


def record(number: int, **more: Any) -> dict[str, Any]:
    return {
        "start": "2024-03-01T00:00:00Z",
        "src": f"10.0.0.{number}",
        "dst": "10.9.0.1",
        "protocol": "tcp",
        "dst_port": 443,
        "bytes_out": number,
    } | more


def lines(*records: Any) -> bytes:
    return b"".join(json.dumps(one).encode() + b"\n" for one in records)


def told(batches: list[Batch]) -> list[tuple[int, int]]:
    return [(f["row"], f["bytes_out"]) for b in batches for f in b.flows.to_pylist()]


def test_lines_and_arrays_say_the_same() -> None:
    records = [record(1), record(2, kind="other"), record(3)]
    expected = [(1, 1), (3, 3)]
    assert told(read(lines(*records))) == expected
    assert told(read(json.dumps(records, indent=1).encode())) == expected
    assert told(read(json.dumps(records).encode(), first_row=3)) == [(3, 3)]
    assert sum(batch.ignored for batch in read(lines(*records))) == 1


def test_bad_lines_have_their_own_reason_and_number() -> None:
    raw = lines(record(1)) + b"{broken\n[1]\n\n" + lines(record(2, src="x"), record(3))
    batches = read(raw)
    assert told(batches) == [(1, 1), (6, 3)]
    rejects = {r.row: r.reason for b in batches for r in b.rejects}
    assert rejects == {2: "is no JSON object", 3: "is no JSON object", 5: "src is no address"}


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.fixed_dictionaries(
            {"kind": st.sampled_from([None, "other", ["flow"], "x"])},
            optional={
                "bytes_out": st.sampled_from([1, "2", 3.0, -1, 1 << 70, None, True, [4]]),
                "dst_port": st.sampled_from([53, "53", 70_000, None]),
                "src": st.sampled_from(["10.0.0.1", "::1", "", 5, "é"]),
            },
        ),
        min_size=1,
        max_size=12,
    )
)
def test_both_paths_agree(changes: list[dict[str, Any]]) -> None:
    raw = lines(*(record(1) | change for change in changes))
    # One line that only the slow path can tell about sends the whole block there.
    slow = read(raw + b"broken\n")
    fast = read(raw)
    assert told(fast) == told(slow)
    assert [r for b in fast for r in b.rejects] == [
        r for b in slow for r in b.rejects if r.text != b"broken"
    ]


def test_fields_that_were_asked_for_stand_beside_the_flows() -> None:
    raw = lines(record(1, vlan=12), record(2, src="x", vlan=13), record(3, host={"name": "fw1"}))
    tables = [b.fields for b in read(raw, fields=("vlan", "host.name")) if b.fields is not None]
    assert pa.concat_tables(tables).to_pylist() == [
        {"host.name": None, "vlan": "12"},
        {"host.name": "fw1", "vlan": None},
    ]


def test_values_as_text() -> None:
    found = object_of(b'{"a": 1.0, "b": 1.50, "c": [1, "x", null, {}], "d": {}, "e": false, "f": null}')
    assert found is not None
    assert [field_of(found, name) for name in "abcdefg"] == [
        "1",
        "1.50",
        "1,x",
        None,
        "false",
        None,
        None,
    ]
    assert field_of({"_source": {"x": {"y": "z"}}}, "x.y", ("_source",)) == "z"
    assert field_of({"a": "\ud800"}, "a") == "?"
    assert object_of(b"[" * 100_000) is None
    assert object_of(b'{"a":' * 100_000) is None


def test_sniffing_gives_records_or_nothing() -> None:
    assert sniff(b'{"a": 1}\n{"b": ') == [{"a": "1"}]
    assert sniff(b'[{"a": 1},\n{"b": 2}, {"c"') == [{"a": "1"}, {"b": "2"}]
    assert sniff(b"#fields\n{}\n") == []
    assert sniff(b"") == []


def test_looking_ahead_loses_nothing_and_damage_comes_after() -> None:
    start, rest = ahead(io.BytesIO(b"abcdef"), 4)
    assert (start, rest.read(4) + rest.read()) == (b"abcd", b"abcdef")

    class Broken(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            data = super().read(size)
            if not data:
                raise Damaged("cut off")
            return data

    start, rest = ahead(Broken(b"ab"), 4)
    assert (start, rest.read(2)) == (b"ab", b"ab")
    with pytest.raises(Damaged):
        rest.read(2)


def test_words_of_columns() -> None:
    columns = {"a": pa.array(["X", None]), "b": pa.array([1, 2])}
    assert words(columns, "a").to_pylist() == ["x", ""]
    assert first(columns, "a", "b").to_pylist() == ["X", "2"]
    assert unless(columns["b"], np.array([True, False])).to_pylist() == [0, 2]
