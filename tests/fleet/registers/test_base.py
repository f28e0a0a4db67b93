from __future__ import annotations

import pytest

from sekisho.errors import RequestError
from sekisho.fleet.registers import base
from sekisho.fleet.registers.base import Register, plain, sighting_of


def test_a_row_becomes_a_sighting() -> None:
    found = sighting_of(
        {"hostname": "PC1$", "address": "10.1.1.1;10.2.2.2", "uuid": "-", "os": " Windows "}
    )
    assert (found.hostname, found.address, found.uuid, found.os) == ("PC1", "10.1.1.1", "", "Windows")


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"hostname": ""}, "hostname is empty"),
        ({"hostname": "<script>"}, "no name of a machine"),
        ({"hostname": "a", "uuid": "12"}, "uuid is no UUID"),
        ({"hostname": "a", "address": "10.1"}, "address is no IP address"),
        ({"hostname": "a", "os": "x" * 2000}, "os is longer"),
        ({"hostname": "a", "site": "x\x1b[2J"}, "site holds characters"),
    ],
)
def test_what_is_wrong_is_named(values: dict[str, str], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        sighting_of(values)


def test_rows_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(base, "MAX_ROWS", 2)
    found = Register()
    found.add(1, {"hostname": "a"})
    found.add(2, {"hostname": ""})
    assert (len(found.rows), found.aside[0].row) == (1, 2)
    with pytest.raises(RequestError, match="at most 2 rows"):
        found.add(3, {"hostname": "b"})
    with pytest.raises(RequestError, match="at most 2 rows"):
        found.leave(3, "is no row")


def test_headers_have_many_spellings() -> None:
    assert plain("Device-Name ") == plain("device name") == "devicename"
