"""Arrays of JSON as lines, held against Python's own parser, in chunks of any size."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sekisho.sources import json_arrays
from sekisho.sources.json_arrays import put_back, unwrapped
from sekisho.sources.lines import Damaged

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text('ab"\\\n{}[], é', max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text('a"\\', max_size=3), inner),
    max_leaves=8,
)


@pytest.mark.parametrize("chunk", [1, 3, 1000])
@settings(max_examples=40, deadline=None)
@given(records=st.lists(st.dictionaries(st.text("ab", max_size=2), VALUES), max_size=4), data=st.data())
def test_every_element_is_one_line(chunk: int, records: list[Any], data: st.DataObject) -> None:
    indent, plain = data.draw(st.sampled_from([None, 0, 2])), data.draw(st.booleans())
    raw = json.dumps(records, indent=indent, ensure_ascii=plain).encode()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(json_arrays, "_CHUNK", chunk)
        lines = unwrapped(io.BytesIO(raw)).read()
    assert [json.loads(line) for line in lines.split(b"\n") if line] == records
    assert lines.count(b"\n") == max(len(records), 1)


@pytest.mark.parametrize(
    "raw", [b"", b"\n", b'{"a": [1,\n2]}\n', b"text, and [more]\n", b"\xef\xbb\xbf{}\n"]
)
def test_what_is_no_array_stays_as_it_is(raw: bytes) -> None:
    assert unwrapped(io.BytesIO(raw)).read() == raw


def test_arrays_behind_a_mark_and_one_after_another() -> None:
    raw = b'\xef\xbb\xbf \n[{"a":1},{"a":2}]\n[{"a":3}]\n'
    assert unwrapped(io.BytesIO(raw)).read() == b'{"a":1}\n{"a":2}\n{"a":3}\n'


def test_an_array_that_is_cut_off_gives_what_there_is() -> None:
    assert unwrapped(io.BytesIO(b'[{"a":1}, {"a":')).read() == b'{"a":1}\n{"a":'


class _Broken(io.BytesIO):
    def read(self, size: int | None = -1) -> bytes:
        data = super().read(size)
        if not data:
            raise Damaged("cut off")
        return data


@pytest.mark.parametrize("raw", [b'[{"a":1}', b'{"a":1}', b""])
def test_damage_comes_after_what_was_whole(raw: bytes) -> None:
    stream = unwrapped(_Broken(raw))
    given_ = b""
    for _ in raw.removeprefix(b"["):
        given_ += stream.read(1)
    with pytest.raises(Damaged):
        stream.read(1)
    assert given_ == raw.removeprefix(b"[")


def test_what_is_put_back_comes_first() -> None:
    assert put_back(b"ab", io.BytesIO(b"cd")).read(1) == b"a"
    assert io.BufferedReader(put_back(b"ab", io.BytesIO(b"cd"))).read() == b"abcd"  # type: ignore[arg-type]
