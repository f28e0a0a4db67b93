"""Columns by Arrow's parser: spellings, kinds that are learned, and what it refuses."""

from __future__ import annotations

import json
from typing import Any

import pyarrow as pa
import pytest

from sekisho.sources.blocks import Refused
from sekisho.sources.json_columns import Kinds, columns_of
from sekisho.sources.lines import Lines


def kinds(*texts: str, numbers: tuple[str, ...] = (), asked: tuple[str, ...] = ()) -> Kinds:
    return Kinds(texts, numbers, ("_source",), asked)


def lines(*records: Any) -> Lines:
    return Lines(1, len(records), "".join(json.dumps(record) + "\n" for record in records).encode())


def column(name: str, wanted: Kinds, *records: Any) -> list[Any]:
    found: list[Any] = columns_of(lines(*records), wanted)[name].to_pylist()
    return found


def test_a_name_may_be_nested_dotted_half_and_half_or_below_a_wrapper() -> None:
    assert column(
        "a.b.c",
        kinds("a.b.c"),
        {"a": {"b": {"c": "1"}}},
        {"a.b.c": "2"},
        {"a.b": {"c": "3"}},
        {"a": {"b.c": "4"}},
        {"_source": {"a": {"b.c": "5"}}},
        {"x": 1},
    ) == ["1", "2", "3", "4", "5", None]


def test_kinds_are_learned_as_they_come() -> None:
    wanted = kinds("t", numbers=("n",))
    assert column("t", wanted, {"t": 7}) == [7]
    assert column("n", wanted, {"n": "7"}) == ["7"]
    assert column("t", wanted, {"t": True}, {"t": None}) == ["true", None]
    assert column("t", wanted, {"t": ["a", "b"]}, {"t": []}) == ["a,b", None]
    assert column("t", wanted, {"t": [1, 2]}) == ["1,2"]
    assert column("n", wanted, {"n": "7"}, {"n": 8}, {"n": "9"}) == ["7", "8", "9"]


@pytest.mark.parametrize(
    "data",
    [
        b'{"t": {"deep": 1}}\n',
        b'{"t": "a"}\n{"t": ["a"]}\n',
        b'{"n": 1.5}\n',
        b'{"n": 99999999999999999999}\n',
        b'{"t": "a", "t": "b"}\n',
        b"[1]\n",
        b"\n",
        b'{"t": "\xff"}\n',
        b'{"t": 1} {"t": 2}\n',
        b'{"t": NaN}\n',
    ],
)
def test_what_it_cannot_vouch_for_is_refused(data: bytes) -> None:
    with pytest.raises((Refused, pa.ArrowInvalid, UnicodeDecodeError)):
        columns_of(Lines(1, data.count(b"\n"), data), kinds("t", numbers=("n",)))


def test_a_key_wanted_as_a_value_and_as_an_object_is_refused() -> None:
    with pytest.raises(Refused):
        columns_of(lines({"a": 1}), kinds("a", "a.b"))


def test_fields_that_were_asked_for_are_among_the_names() -> None:
    assert column("host.name", kinds("t", asked=("host.name",)), {"host": {"name": "fw1"}}) == ["fw1"]


def test_carriage_returns_are_no_part_of_a_line() -> None:
    assert columns_of(Lines(1, 1, b'{"t":"a"}\r\n'), kinds("t"))["t"].to_pylist() == ["a"]
