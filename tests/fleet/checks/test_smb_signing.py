from __future__ import annotations

import sqlite3

import pytest

from sekisho.fleet.checks.base import Failed
from sekisho.fleet.checks.smb_signing import SmbSigning

NOT_REQUIRED = "the server does not require signed SMB"


SERVER = r"SYSTEM\CurrentControlSet\Services\LanmanServer\Parameters"


def value(name: str, data: str, key: str = SERVER) -> dict[str, str]:
    return {"path": rf"HKEY_LOCAL_MACHINE\{key}\{name}", "data": data}


def windows(build: str, edition: str = "", kind: str = "") -> list[dict[str, str]]:
    said = {"CurrentBuildNumber": build, "EditionID": edition, "InstallationType": kind}
    key = r"SOFTWARE\Microsoft\Windows NT\CurrentVersion"
    return [value(name, data, key) for name, data in said.items() if data]


def test_signing_is_required_or_told() -> None:
    required, old = value("requiresecuritysignature", "1"), value("SMB1", "1")
    assert list(SmbSigning().judge({"smb_settings": [required]})) == []
    assert list(SmbSigning().judge({"smb_settings": [required, old]})) == ["SMB 1 is switched on"]
    switched_off = [value("RequireSecuritySignature", "0"), *windows("26100", "Enterprise", "Client")]
    assert list(SmbSigning().judge({"smb_settings": switched_off})) == [NOT_REQUIRED]


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        (windows("22631", "Enterprise", "Client"), [NOT_REQUIRED]),
        (windows("20348", "ServerStandard", "Server"), [NOT_REQUIRED]),
        (windows("26100", "Enterprise", "Client"), []),
        (windows("26200", "Professional", "Client"), []),
        (windows("26100", "Education", "Client"), []),
        (windows("26100", "Core", "Client"), [NOT_REQUIRED]),
        (windows("26100", "ServerStandard", "Server"), [NOT_REQUIRED]),
        (windows("26100", "ServerDatacenter", "Server Core"), [NOT_REQUIRED]),
    ],
)
def test_what_is_not_set_is_the_default_of_build_and_edition(
    rows: list[dict[str, str]], found: list[str]
) -> None:
    assert list(SmbSigning().judge({"smb_settings": rows})) == found


@pytest.mark.parametrize(
    "rows",
    [
        [],
        windows("26100"),
        windows("26100", "Enterprise"),
        windows("9" * 400),
        windows("²6100", "Enterprise", "Client"),
        [*windows("26100", "Enterprise", "Client"), *windows("22631")],
    ],
)
def test_a_default_that_is_not_known_is_not_told_as_either(rows: list[dict[str, str]]) -> None:
    found = list(SmbSigning().judge({"smb_settings": rows}))
    assert [type(one) for one in found] == [Failed]
    assert "not known" in found[0]


def test_the_question_finds_the_value_however_its_name_is_spelled() -> None:
    with sqlite3.connect(":memory:") as base:
        base.execute("CREATE TABLE registry (path TEXT, name TEXT, data TEXT)")
        rows = [
            value("requiresecuritysignature", "1"),
            *windows("26100", "Core", "Client"),
            value("x", "y"),
        ]
        for row in rows:
            name = row["path"].rpartition("\\")[2]
            base.execute("INSERT INTO registry VALUES (?, ?, ?)", (row["path"], name, row["data"]))
        found = base.execute(SmbSigning().queries["smb_settings"]).fetchall()
    assert sorted(found) == sorted((row["path"], row["data"]) for row in rows[:-1])
