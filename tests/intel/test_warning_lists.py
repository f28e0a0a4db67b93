from __future__ import annotations

import json
import sys
from ipaddress import ip_address
from pathlib import Path

import pytest

from sekisho.errors import RequestError
from sekisho.intel import warning_lists as module
from sekisho.intel.base import Given
from sekisho.intel.gathering import gather
from sekisho.intel.screening import Screen
from sekisho.intel.warning_lists import NONE, WarningLists, package_folder
from sekisho.model.addresses import bounds, number, parse_prefix
from sekisho.model.indicators import IndicatorKind


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two lists that everybody uses, one that is used where it is named, and one of a type that is not used."""
    for name, kind, attributes, entries in (
        (
            "public-dns-v4",
            "cidr",
            ["ip-dst"],
            ["45.9.148.53", "45.9.150.0/24", "45.9.0.0/16 ", "x", "45.9.150.7"],
        ),
        ("google", "string", ["domain"], ["Example.Com.", "github.io"]),
        ("empty-hashes", "string", ["md5"], ["D41D8CD98F00B204E9800998ECF8427E"]),
        ("amazon-aws", "cidr", ["ip-dst"], ["203.0.114.0/24"]),
        ("alexa", "regex", ["domain"], ["(a+)+$"]),
    ):
        (tmp_path / name).mkdir()
        body = {
            "name": f"List {name}",
            "type": kind,
            "matching_attributes": attributes,
            "list": entries,
        }
        (tmp_path / name / "list.json").write_text(json.dumps(body))
    (tmp_path / "own.json").write_text(
        json.dumps(
            {
                "name": "Ours",
                "type": "string",
                "matching_attributes": ["hostname"],
                "list": ["a.example"],
            }
        )
    )
    return tmp_path


def of(lists: WarningLists, prefix: str) -> str | None:
    return lists.of_range(*bounds(parse_prefix(prefix)))


def test_what_is_on_a_list_and_on_which(folder: Path) -> None:
    lists = WarningLists((folder,))
    assert lists.used == ("alexa", "empty-hashes", "google", "public-dns-v4")
    assert of(lists, "45.9.148.53/32") == of(lists, "45.9.150.0/25") == "List public-dns-v4"
    assert of(lists, "45.8.0.0/15") is None
    assert of(lists, "203.0.114.1/32") is None
    assert lists.of_name("example.com") == "List google"
    # What is below a name that is shared is its customers'.
    assert lists.of_name("evil.github.io") is None
    assert lists.of_hash(IndicatorKind.MD5, "d41d8cd98f00b204e9800998ecf8427e") == "List empty-hashes"
    assert lists.of_hash(IndicatorKind.JA3, "d41d8cd98f00b204e9800998ecf8427e") is None
    assert lists.of_name("aaaa") is None


def test_lists_may_be_named_and_left_out(folder: Path) -> None:
    lists = WarningLists((folder,), frozenset({"amazon-aws", "own"}), frozenset({"google"}))
    assert of(lists, "203.0.114.1/32") == "List amazon-aws"
    assert lists.of_name("a.example") == "Ours"
    assert lists.of_name("example.com") is None
    with pytest.raises(RequestError, match="no warning list nothing"):
        _ = WarningLists((folder,), frozenset({"nothing"})).used
    assert not NONE
    assert of(NONE, "8.8.8.8/32") is None


def test_a_folder_that_is_none_and_lists_that_are_none_are_told(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(RequestError, match="no folder of warning lists"):
        _ = WarningLists((folder / "none",)).used
    (folder / "google" / "list.json").write_text("[1]")
    with pytest.raises(RequestError, match="no warning list"):
        WarningLists((folder,)).of_name("x")
    monkeypatch.setattr(module, "MOST", 3)
    with pytest.raises(RequestError, match="over 3 entries"):
        of(WarningLists((folder,)), "45.9.148.53/32")
    monkeypatch.setitem(sys.modules, "pymispwarninglists", None)
    with pytest.raises(RequestError, match="not installed"):
        package_folder()


def test_an_indicator_that_is_on_a_list_is_set_aside_with_the_lists_name(folder: Path) -> None:
    screen = Screen([], [], WarningLists((folder,)))
    found = gather([Given("45.9.148.53"), Given("http://example.com/x"), Given("45.8.0.0/15")], screen)
    assert found.rows["value"].to_pylist() == ["45.8.0.0/15"]
    assert dict(found.aside) == {
        "on the warning list List public-dns-v4": 1,
        "on the warning list List google": 1,
    }
    assert found.examples["on the warning list List google"] == ["http://example.com/x"]
    # Out of a prefix an address of a list raises nothing either.
    assert not screen.keeps(number(ip_address("45.9.150.7")))
    assert screen.passes(number(ip_address("45.9.150.7"))).endswith("List public-dns-v4")
    assert screen.keeps(number(ip_address("45.8.0.7")))


def test_the_package_holds_every_list_of_the_table() -> None:
    lists = WarningLists((package_folder(),))
    assert set(module._table()) == set(lists.used)
    assert of(lists, "8.8.8.8/32") is not None
    assert lists.of_name("google.com") is not None
