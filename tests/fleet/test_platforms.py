from __future__ import annotations

import pytest

from sekisho.fleet.platforms import (
    EVERYWHERE,
    agreed,
    has,
    missing,
    of_os,
    of_sql,
    of_words,
    told,
)

WINDOWS = frozenset({"windows"})


def test_a_question_is_for_who_has_all_of_its_tables() -> None:
    assert has("registry") == has("windows_security_products") == WINDOWS
    assert has("processes") == has("nobody_knows_it") == EVERYWHERE
    assert of_sql("SELECT * FROM processes p JOIN hash h ON h.path = p.path") == EVERYWHERE
    assert of_sql("select 1 from\n Services s") == WINDOWS
    assert of_sql('SELECT * FROM "crontab"') == {"linux", "darwin"}
    assert of_sql("SELECT * FROM registry JOIN launchd") == frozenset()


@pytest.mark.parametrize(
    ("kind", "details", "platform"),
    [
        ('"2"', {}, "windows"),
        ("2", {}, "windows"),
        ('"9"', {"os_version": {"platform": "ubuntu"}}, "linux"),
        ('"21"', {"os_version": {"platform": "darwin"}}, "darwin"),
        ('"37"', {}, "freebsd"),
        ("", {"os_version": {"platform": "rhel"}}, "linux"),
        ("", {"osquery_info": {"platform_mask": "21"}}, "darwin"),
        ('"9"', {"os_version": {"platform": "windows"}}, ""),
        ('"10"', {}, ""),
        ("", {}, ""),
        ("[2]", {"os_version": {"platform": ["windows"]}}, ""),
        ("9" * 5000, {"os_version": {"platform": None}}, ""),
    ],
)
def test_what_a_machine_says_of_itself(
    kind: str, details: dict[str, dict[str, object]], platform: str
) -> None:
    assert told(kind, details) == platform


def test_platforms_are_named_as_packs_of_osquery_do() -> None:
    assert of_words("windows") == WINDOWS
    assert of_words("darwin, linux") == {"darwin", "linux"}
    assert of_words("posix") == EVERYWHERE - WINDOWS
    assert of_words("ubuntu") == {"linux"}
    assert of_words("any") == of_words("") == EVERYWHERE
    with pytest.raises(ValueError, match="beos"):
        of_words("windows,beos")


def test_inventories_name_systems_in_words() -> None:
    assert of_os("Microsoft Windows 11 Enterprise 10.0.26100") == "windows"
    assert (of_os("Ubuntu 22.04"), of_os("macOS 15.1"), of_os("FreeBSD 14")) == (
        "linux",
        "darwin",
        "freebsd",
    )
    assert of_os("Darwin-like Windows") == of_os("VxWorks") == of_os("") == ""
    assert agreed(("", "linux", "linux")) == "linux"
    assert agreed(("windows", "linux")) == agreed(("", "")) == ""


SQL = "SELECT path, data FROM registry"


def test_only_a_table_that_was_asked_and_that_others_have_is_missing() -> None:
    assert missing(1, "no such table: registry", SQL) == "registry"
    assert missing(1, "no such table: registry", SQL, "linux") == "registry"
    assert missing(1, "no such column: g.group_sid", "SELECT group_sid FROM groups") == "groups"
    for status, message, sql, platform in (
        (0, "no such table: registry", SQL, ""),
        (1, "no such table: registry", SQL, "windows"),
        (1, "no such table: registry", "SELECT 1 FROM services", ""),
        (1, "no such table: processes", "SELECT 1 FROM processes", ""),
        (1, "no such table: registri", "SELECT 1 FROM registri", ""),
        (1, "no such table: registry, and more", SQL, ""),
        (1, "well, no such table: registry", SQL, ""),
        (1, "no such table: registry" + " " * 100, SQL, ""),
        (1, "no such column: g.group_sid", SQL, ""),
        (1, "NO SUCH TABLE: registry", SQL, ""),
    ):
        assert missing(status, message, sql, platform) == "", (message, sql)
