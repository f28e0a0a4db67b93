from __future__ import annotations

import pytest

from sekisho.errors import FileProblems, RequestError
from sekisho.fleet.registers.delimited import read


def test_an_own_list() -> None:
    found = read("inv.csv", b"hostname,uuid,address,site,os\npc1,,10.1.1.1,jp-hq,Windows 10\n")
    ((row, one),) = found.rows
    assert (row, one.hostname, one.address, one.site, one.os) == (
        2,
        "pc1",
        "10.1.1.1",
        "jp-hq",
        "Windows 10",
    )


def test_an_export_of_active_directory_from_excel() -> None:
    text = '#TYPE Selected\r\n"Name";"DNSHostName";"OperatingSystem";"ObjectGUID"\r\n'
    text += '"PC1";"pc1.corp.example";"Windows 11";"{9a1c4544-0042-3510-8052-b4c04f567777}"\r\n'
    text += '"PC2";"";"";""\r\n'
    found = read("ad.csv", text.encode("utf-16"))
    assert [s.hostname for _, s in found.rows] == ["pc1.corp.example", "PC2"]
    assert found.rows[0][1].guid == "9a1c4544-0042-3510-8052-b4c04f567777"


def test_a_cmdb_with_columns_of_its_own() -> None:
    content = "Gerätename|Standort|Rack\npc1|de|7\n".encode()
    found = read("cmdb.csv", content, {"hostname": "Gerätename", "site": "Standort"})
    assert (found.rows[0][1].hostname, found.rows[0][1].site) == ("pc1", "de")
    assert found.notes == ["columns not used: `Rack`"]


def test_bad_rows_are_set_aside_with_their_lines() -> None:
    content = (
        b'hostname,address\npc1,10.1.1.1\nshort\n<b>,\npc\xff,\npc\0,\npc2,300.1.1.1\n"pc\n3",\npc4,\n'
    )
    found = read("inv.csv", content)
    assert [s.hostname for _, s in found.rows] == ["pc1", "pc4"]
    assert [a.row for a in found.aside] == [3, 4, 5, 6, 7, 9]


def test_a_cell_without_end_costs_what_it_swallows() -> None:
    found = read("inv.csv", b'hostname\npc1\n"' + b"x" * 200_000 + b"\n")
    assert [s.hostname for _, s in found.rows] == ["pc1"]
    assert len(found.aside) >= 1


def test_no_hostnames_is_a_fault_of_the_file() -> None:
    with pytest.raises(FileProblems, match=r"inv.csv:1.*fleet/hostname"):
        read("inv.csv", b"foo,bar\n1,2\n")
    with pytest.raises(FileProblems, match="no column `Name2`"):
        read("inv.csv", b"Name\nx\n", {"hostname": "Name2"})
    with pytest.raises(RequestError, match="no header"):
        read("inv.csv", b"\n\n")
