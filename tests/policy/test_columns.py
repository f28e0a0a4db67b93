from __future__ import annotations

from sekisho.inventory.located import Problems
from sekisho.policy.columns import NAMES, columns, normal
from sekisho.policy.sheets import read_sheet


def read(header: str) -> tuple[list[str], list[tuple[int, str, str]]]:
    problems = Problems()
    sheet = read_sheet("s.csv", f"{header}\n".encode(), problems)
    return list(columns(sheet, problems).values()), [(p.column, p.code, p.level) for p in problems]


def test_headers_as_people_write_them() -> None:
    assert read(
        "Rule_ID,SOURCE-IP,Destination  Address,dst_port,Protocol,Business Justification,Valid Until:"
    )[0] == ["id", "source", "destination", "port", "protocol", "why", "expires"]


def test_from_is_an_end_only_beside_to() -> None:
    assert read("from,to,service") == (["source", "destination", "service"], [])
    assert read("source,to,service,from") == (["source", "destination", "service", "from"], [])
    assert read("source,destination,service,from,expires")[0][-2:] == ["from", "expires"]


def test_what_is_missing_twice_or_not_used() -> None:
    assert read("source,destination") == ([], [(1, "csv/missing-column", "error")])
    assert read("allow") == (["allow"], [])
    assert read("source,destination,ports,dport") == ([], [(26, "csv/column-twice", "error")])
    found = read("source,colour,destination,service,,")
    assert found == (["source", "destination", "service"], [(8, "csv/unknown-column", "warning")])


def test_no_header_means_two_columns() -> None:
    headers = [header for names in NAMES.values() for header in names]
    assert len(headers) == len(set(headers))
    assert all(header == normal(header) for header in headers)
