from __future__ import annotations

from datetime import UTC, datetime

import pytest

from sekisho.errors import RequestError
from sekisho.notify.vocabulary import (
    FACTS,
    SETS,
    Value,
    in_words,
    kind_of,
    nearest,
    read_value,
    said_of,
    written,
)


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("aware", "2020-06-11T09:30+09:00", datetime(2020, 6, 11, 0, 30, tzinfo=UTC)),
        ("aware", "2020-06-11T09:30", datetime(2020, 6, 11, 9, 30, tzinfo=UTC)),
        ("people", "1,200", 1200),
        ("people.US-CA", "7", 7),
        ("personal_data", "YES", True),
        ("own.insured", "no", False),
        ("risk", "high", "high"),
        ("countries", "JP, TH", frozenset({"JP", "TH"})),
        ("when.form", "2020-06-11T00:00Z", datetime(2020, 6, 11, tzinfo=UTC)),
    ],
)
def test_values_are_read_and_written_back(name: str, text: str, value: object) -> None:
    read = read_value(name, text)
    assert read == value
    assert read_value(name, written(read)) == read


@pytest.mark.parametrize(
    ("name", "text", "message", "mend"),
    [
        ("peopel", "5", "is no fact", "did you mean `people`?"),
        ("people.XX", "5", "is no fact", "people.JP"),
        ("aware", "2020-06-11", "is a time", "needs the hour"),
        ("aware", "yesterday", "is a time", "09:30"),
        ("people", "many", "is a number", "1200"),
        ("people", "-3", "is a number", "1200"),
        ("people", "9" * 17, "is a number", "1200"),
        ("personal_data", "maybe", "is yes or no", "yes"),
        ("risk", "low", "cannot be", "unlikely, likely, high"),
        ("countries", "UK", "is no country", "ISO 3166"),
        ("data", "<b>", "is no word", "letters"),
    ],
)
def test_what_cannot_be_a_value(name: str, text: str, message: str, mend: str) -> None:
    with pytest.raises(RequestError, match=message) as caught:
        read_value(name, text)
    assert mend in caught.value.mend


def test_what_is_said_of_a_place_stands_before_what_is_said_of_all() -> None:
    values = {"risk": "high", "risk.PH": "likely", "people": 5, "people.PH": 2, "acquired.JP": True}
    assert said_of(values, "PH") == values | {"risk": "likely"}
    assert said_of(values, "JP") == values | {"acquired": True}
    assert said_of(values, "") == values
    assert kind_of("aware.EU") is kind_of("aware.US-CA") is FACTS["aware"]
    assert (kind_of("countries.JP"), kind_of("bytes_out.JP"), kind_of("aware.ph")) == (None, None, None)


def test_names() -> None:
    assert (kind_of("own."), kind_of("own.A b"), kind_of("people.JP.X")) == (None, None, None)
    assert all(kind_of(name) is kind for name, kind in FACTS.items())
    assert "aware" in nearest("awaer")
    assert (len(SETS["EU"]), len(SETS["EEA"])) == (27, 30)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (datetime(2020, 6, 11, tzinfo=UTC), "2020-06-11 00:00 UTC"),
        (datetime.fromisoformat("2020-06-11T09:00:07+09:00"), "2020-06-11 00:00:07 UTC"),
        (True, "yes"),
        (frozenset({"TH", "JP"}), "JP,TH"),
    ],
)
def test_a_time_in_a_sentence_is_no_machine_s(value: Value, said: str) -> None:
    assert in_words(value) == said
