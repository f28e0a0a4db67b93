from __future__ import annotations

from datetime import UTC, datetime

from sekisho.inventory.register import Inventory
from sekisho.model.addresses import key, parse_address
from sekisho.policy.compile import CompiledPolicy
from sekisho.watch.connections import Connection, Piece
from sekisho.watch.describing import Describer

AT = datetime(2020, 6, 4, 10, tzinfo=UTC)


def made(src: str, dst: str, port: int, decided: int) -> Connection:
    ends = ("", *key(parse_address(src)), "", *key(parse_address(dst)), 6, port)
    found = Connection(ends, AT, AT, AT)
    found.pieces[0] = Piece(0, decided, {"edge": [2, 2, 0, 0, 0, 500, 700]})
    return found


def test_it_names_who_and_grades_as_the_audit_does(register: tuple[Inventory, CompiledPolicy]) -> None:
    member = Describer(*register).member(made("10.40.9.9", "10.1.10.96", 445, 6))
    assert (member.src.asset, member.src.site) == ("th-app02", "th-plant")
    assert (member.dst.asset, member.dst.groups) == ("jp-files01", ("jp-hq/files",))
    assert (member.verdict, member.severity, member.service) == ("unauthorized", "critical", "smb")
    assert (member.flows, member.established, member.bytes_out, member.bytes_in) == (2, 2, 500, 700)


def test_it_names_the_rule_that_came_closest(register: tuple[Inventory, CompiledPolicy]) -> None:
    describer = Describer(*register)
    member = describer.member(made("10.40.3.3", "10.1.30.3", 1433, 5))
    assert member.verdict == "lapsed"
    assert member.nearest_rule is not None
    assert member.nearest_rule.id == "TH-HQ-STOCK"
    assert describer.member(made("10.40.3.3", "10.1.30.3", 1433, 5)) == member
