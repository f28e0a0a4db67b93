from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from pydantic_core import PydanticCustomError

from sekisho.inventory import values


def mend(reader: Callable[[Any], Any], value: Any) -> str:
    with pytest.raises(PydanticCustomError) as refused:
        reader(value)
    return str((refused.value.context or {})["mend"])


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("10.1.0.5/16", "write 10.1.0.0/16 for the network, or 10.1.0.5 for the one address"),
        ("10.1.0.0-10.1.0.255", "write 10.1.0.0/24"),
        ("10.1", "write 10.1.0.0/16"),
        ("10.1.*", "write 10.1.0.0/16"),
        ("10.1/12", "write 10.0.0.0/12"),
        ("nonsense", "write it like 10.1.0.0/16 or 2001:db8:1::/48"),
        (7, "write it like 10.1.0.0/16"),
    ],
)
def test_a_prefix_that_is_none_says_what_to_write(text: Any, says: str) -> None:
    assert mend(values.read_prefix, text) == says


def test_prefixes_of_both_families() -> None:
    assert str(values.read_prefix(" 10.1.0.0/16 ")) == "10.1.0.0/16"
    assert str(values.read_prefix("2001:DB8::/32")) == "2001:db8::/32"
    assert str(values.read_prefix("10.1.2.3")) == "10.1.2.3/32"


def test_addresses() -> None:
    assert str(values.read_address("10.1.2.3")) == "10.1.2.3"
    assert "2001:db8::1" in mend(values.read_address, "10.1.2.300")
    assert mend(values.read_address, None)


def test_days_and_times() -> None:
    assert values.read_when("2027-03-31") == date(2027, 3, 31)
    assert values.read_when("2020-06-11T08:12:41Z") == datetime(2020, 6, 11, 8, 12, 41, tzinfo=UTC)
    assert values.read_when("2020-06-11 17:12 +09:00") == datetime(2020, 6, 11, 8, 12, tzinfo=UTC)
    assert "write 2027-03-01" in mend(values.read_when, "2027/3/1")
    assert "YYYY-MM-DD" in mend(values.read_when, "2027-02-30")
    assert mend(values.read_when, "tomorrow")


def test_names_and_realms() -> None:
    assert values.read_name("th-plant") == "th-plant"
    assert values.read_name("工場") == "工場"
    for bad in ("a b", "a/b", "internet", "", "-a", "x" * 65, "a,b"):
        assert mend(values.read_name, bad)
    assert values.read_realm(None) == ""
    assert "realm-fe80" in mend(values.read_realm, "fe80")


def test_countries_and_zones() -> None:
    assert values.read_country("JP") == "JP"
    assert mend(values.read_country, "jp") == "write JP"
    assert mend(values.read_country, "UK") == "write Great Britain as GB"
    assert values.read_timezone("Asia/Tokyo") == "Asia/Tokyo"
    assert "Asia/Tokyo" in mend(values.read_timezone, "Asia/Tokio")


def test_an_end_before_its_beginning() -> None:
    with pytest.raises(PydanticCustomError, match="lies before"):
        values.validity(date(2024, 3, 2), date(2024, 3, 1))
    day = values.validity(date(2024, 3, 1), date(2024, 3, 1))
    assert day.holds(datetime(2024, 3, 1, 23, tzinfo=UTC)), "the last day is within"
    assert not day.holds(datetime(2024, 3, 2, tzinfo=UTC))
