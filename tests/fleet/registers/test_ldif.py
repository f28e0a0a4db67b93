from __future__ import annotations

import base64
from uuid import UUID

from sekisho.fleet.registers.ldif import is_ldif, read

GUID = "9a1c4544-0042-3510-8052-b4c04f567777"


def entry(*lines: str) -> bytes:
    return ("\n".join(lines) + "\n\n").encode()


def test_computers_of_a_directory() -> None:
    guid = base64.b64encode(UUID(GUID).bytes_le).decode()
    name = base64.b64encode("東京-pc".encode()).decode()
    content = entry("version: 1", "# made by ldifde") + entry(
        "dn: CN=PC1,OU=Computers,DC=corp,DC=example",
        "objectClass: top",
        "objectClass: computer",
        "cn: PC1",
        "dNSHostName: pc1.corp.",
        " example",
        f"objectGUID:: {guid}",
        "operatingSystem: Windows 10",
    )
    content += entry("dn: CN=x", "objectClass: computer", f"cn:: {name}")
    content += entry("dn: CN=Ken", "objectClass: user", "cn: Ken")
    found = read(content.replace(b"\n", b"\r\n"))
    (row, one), (_, other) = found.rows
    assert (row, one.hostname, one.guid, one.os) == (4, "pc1.corp.example", GUID, "Windows 10")
    assert other.hostname == "東京-pc"
    assert (found.others, found.aside) == (1, [])


def test_what_cannot_be_read_is_set_aside_with_its_line() -> None:
    content = (
        entry("dn: a", "objectClass: computer", "cn:: !!!")
        + entry("dn: b", "objectClass: computer", "cn:< file:///etc/passwd")
        + entry("dn: c", "changetype: delete", "cn: c")
        + entry("dn: d", "objectClass: computer", "cn: <img>")
        + entry("dn: e", "objectClass: computer", "cn:: " + base64.b64encode(b"\xff\xfe").decode())
        + entry("dn: f", "objectClass: computer", "cn: ok")
    )
    found = read(content)
    assert [s.hostname for _, s in found.rows] == ["ok"]
    assert [a.row for a in found.aside] == [3, 7, 9, 13, 17]


def test_it_is_known_by_its_beginning() -> None:
    assert is_ldif(b"\xef\xbb\xbf# x\r\nversion: 1\r\n")
    assert is_ldif(b"dn: CN=x\n")
    assert not is_ldif(b"hostname,dn\n")
    assert not is_ldif(b"")


def test_an_export_as_ldifde_writes_it_is_entries_and_changes_are_not() -> None:
    content = (
        entry("dn: CN=PC1", "changetype: add", "objectClass: computer", "cn: PC1")
        + entry("dn: CN=PC2", "changetype: Add", "objectClass: computer", "cn: PC2")
        + entry("dn: CN=PC3", "changetype: modify", "replace: cn", "cn: PC3")
    )
    found = read(content)
    assert [s.hostname for _, s in found.rows] == ["PC1", "PC2"]
    assert [(a.row, a.why) for a in found.aside] == [(11, "is a change, not an entry: export entries")]
    wide = content.decode().replace("\n", "\r\n").encode("utf-16")
    assert is_ldif(wide[:100])
    assert [s.hostname for _, s in read(wide).rows] == ["PC1", "PC2"]
