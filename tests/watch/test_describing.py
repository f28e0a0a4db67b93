from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pyarrow as pa
import pytest

from sekisho.inventory.register import Inventory
from sekisho.model.addresses import ip_address, key, parse_address
from sekisho.model.sites import Translation
from sekisho.policy.compile import CompiledPolicy
from sekisho.store.logged_translations import LOGGED_ENDS
from sekisho.watch import describing
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


def test_whom_an_address_may_stand_for_is_said_of_the_connection(
    register: tuple[Inventory, CompiledPolicy],
) -> None:
    pool, server = "172.31.0.9", "10.1.10.96"
    inventory, policy = register
    entry = Translation("pool", ip_address("10.40.9.11"), ip_address(pool))
    describer = Describer(replace(inventory, translations=(entry,)), policy)
    (check,) = describer.member(made(pool, server, 445, 6)).checks
    assert (check.id, check.text.partition(":")[0]) == (
        "nat_unresolved",
        f"{pool} stands for 10.40.9.11",
    )
    halves = (*key(ip_address("10.40.9.9")), *key(ip_address(pool)))
    ends = [[""], *([half] for half in halves)]
    describer.learn(pa.table(ends, schema=LOGGED_ENDS))
    (check,) = describer.member(made("10.40.3.3", pool, 445, 6)).checks
    assert check.text.startswith(f"{pool} stands for 10.40.9.11, 10.40.9.9: no entry")
    assert describer.member(made("10.40.3.3", server, 445, 6)).checks == ()


def test_a_flood_of_translations_is_bounded_and_those_that_are_known_go_on(
    register: tuple[Inventory, CompiledPolicy], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(describing, "MOST_KEPT", 2)
    describer = Describer(*register)

    def learn(*pairs: tuple[str, str]) -> None:
        rows = [("", *key(ip_address(host)), *key(ip_address(seen))) for host, seen in pairs]
        columns = [list(column) for column in zip(*rows, strict=True)]
        describer.learn(pa.table(columns, schema=LOGGED_ENDS))

    learn(*((f"10.40.9.{number}", f"172.31.0.{number}") for number in range(1, 6)))
    assert len(describer._stands) == 2
    learn(("10.40.9.7", "172.31.0.1"))
    (check,) = describer.member(made("10.40.3.3", "172.31.0.1", 445, 6)).checks
    assert check.text.startswith("172.31.0.1 stands for 10.40.9.1, 10.40.9.7: ")


def test_what_a_probe_asked_for_is_said_of_tcp_in_the_one_address_space(
    register: tuple[Inventory, CompiledPolicy],
) -> None:
    describer = Describer(*register)
    asked: list[tuple[object, ...]] = []

    def of(*about: object) -> str:
        asked.append(about)
        return "asked for by our probe 1 of P-1 (app)"

    describer.asked = of
    tcp = made("10.40.9.9", "10.1.10.96", 445, 6)
    (check,) = describer.member(tcp).checks
    assert (check.id, check.text) == ("probe", "asked for by our probe 1 of P-1 (app)")
    assert asked == [("10.40.9.9", "10.1.10.96", 445, AT, AT)]
    udp = replace(tcp, key=(*tcp.key[:6], 17, 445))
    elsewhere = replace(tcp, key=("lab", *tcp.key[1:]))
    assert [describer.member(one).checks for one in (udp, elsewhere)] == [(), ()]
