from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.fleet.collections.base import Row
from sekisho.fleet.collections.modules import tables


def read(content: bytes) -> dict[str, list[Row]]:
    return {name: list(rows) for name, rows in tables(content)}


def test_amcache_with_its_zeros() -> None:
    found = read(b"ApplicationName,SHA1,FullPath\nUnassociated,0000" + b"ab" * 20 + b",c:\\x.exe\n,,\n")
    assert found == {"file_hashes": [{"sha1": "ab" * 20, "path": "c:\\x.exe"}]}


def test_autoruns_as_it_writes_them() -> None:
    header = "Entry Location\tEntry\tImage Path\tLaunch String\tSHA-256\r\n"
    text = header + "HKLM\\Run\tupd\tc:\\x.exe\tc:\\x.exe -a\tAA\r\n"
    found = read(text.encode("utf-16"))
    assert found["startup_items"] == [{"name": "upd", "path": "c:\\x.exe -a", "source": "HKLM\\Run"}]
    assert found["file_hashes"] == [{"path": "c:\\x.exe", "sha256": "AA"}]


def test_auditpol() -> None:
    found = read(b"Machine Name,Subcategory,Subcategory GUID,Inclusion Setting\nPC,Logon,{X},Success\n")
    assert found == {"audit_policy": [{"subcategory guid": "{X}", "inclusion setting": "Success"}]}


@pytest.mark.parametrize("content", [b"", b"\n", b"a,b\n1,2\n", b"\x00\x01"])
def test_what_is_not_known_is_no_table(content: bytes) -> None:
    assert read(content) == {}


@pytest.mark.parametrize(
    "content",
    [
        b"SHA1,FullPath\na,b,c\n",
        b"\xff\xfe\x00",
        b"SHA1,FullPath\n\xff",
        b'SHA1,FullPath\n"' + b"x" * 200_000,
    ],
)
def test_what_is_torn_is_told(content: bytes) -> None:
    with pytest.raises(ValueError, match=r"line|text"):
        read(content)


@given(
    st.binary(max_size=300),
    st.sampled_from([b"", b"SHA1,FullPath\n", b"Subcategory GUID\n", b"\xff\xfe"]),
)
def test_any_bytes_are_rows_or_a_reason(rest: bytes, head: bytes) -> None:
    try:
        found = read(head + rest)
    except ValueError:
        return
    assert all(isinstance(v, str) for rows in found.values() for row in rows for v in row.values())
