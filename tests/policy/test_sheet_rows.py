from __future__ import annotations

from sekisho.inventory.files import parse_inventory
from sekisho.inventory.located import Problems
from sekisho.policy.columns import columns
from sekisho.policy.sheet_rows import Draft, Rows
from sekisho.policy.sheets import by_name, read_sheet

SITES = b"""
sites:
  jp: {name: HQ, country: JP, prefixes: [10.1.0.0/16]}
  th: {name: Plant, country: TH, prefixes: [10.40.0.0/16]}
"""
INVENTORY = parse_inventory({"sites.yaml": SITES})


def read(text: str) -> tuple[list[Draft | None], list[tuple[int, int, str, str]]]:
    problems = Problems()
    sheet = read_sheet("s.csv", text.encode(), problems)
    names = columns(sheet, problems)
    rows = Rows(sheet, INVENTORY, {}, problems)
    drafts = [rows.read(by_name(names, row)) for row in sheet.rows]
    return drafts, [(p.line, p.column, p.code, p.level) for p in problems]


def services(text: str) -> list[str | None]:
    header, _, rows = text.partition("\n")
    body = "".join(f"th,jp,{row}\n" for row in rows.splitlines())
    return [draft and draft.service_text for draft in read(f"source,destination,{header}\n{body}")[0]]


def test_ports_before_services_before_protocols() -> None:
    assert services(
        "service,protocol,port\nERP,tcp,8443\nssh,tcp,\nany,udp,\n,gre,\n,any,any\n,tcp,any\n,,"
    ) == [
        "tcp/8443",
        "ssh",
        "udp",
        "gre",
        "any",
        "tcp",
        None,
    ]


def test_rows_that_permit_nothing() -> None:
    drafts, problems = read(
        "source,destination,service,action,enabled,disabled\n"
        "th,jp,ssh,drop,yes,\nth,jp,ssh,allow,No,\nth,jp,ssh,allow,,TRUE\nth,jp,ssh,Accept,true,false\n"
    )
    assert [draft is not None for draft in drafts] == [False, False, False, True]
    assert problems == [
        (2, 11, "csv/not-allow", "warning"),
        (3, 17, "csv/off", "warning"),
        (4, 18, "csv/off", "warning"),
    ]


def test_one_error_leaves_out_its_row_alone() -> None:
    drafts, problems = read("source,destination,service,tier\nth,jp,ssh,top\nth,jp,rdp,Essential\n")
    assert drafts[0] is None
    assert drafts[1] is not None
    assert (drafts[1].tier, drafts[1].place) == ("essential", "s.csv:3")
    assert problems == [(2, 11, "file/value", "error")]


def test_a_row_too_long_for_a_rule() -> None:
    hosts = " ".join(f"10.40.{n // 250}.{n % 250}" for n in range(900))
    drafts, problems = read(
        f"source,destination,service\n{hosts},{hosts.replace('10.40', '10.1')},ssh\n"
    )
    assert drafts == [None]
    assert problems == [(2, 1, "rule/length", "error")]
