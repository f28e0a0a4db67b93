from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sekisho.errors import RequestError
from sekisho.inventory.register import Inventory
from sekisho.investigate import lookup
from sekisho.model.addresses import parse_address
from sekisho.model.findings import finding_id
from sekisho.model.hops import Evidence, HopDocument, HopLogons
from sekisho.model.hops import Path as Route
from sekisho.model.incidents import InvestigationDocument, TimelineItem
from sekisho.model.sites import Asset
from sekisho.store.lake import Lake

NAMED = """\
#separator \\x09
#set_separator\t,
#empty_field\t(empty)
#unset_field\t-
#path\tdns
#fields\tts\tuid\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\tproto\tquery\tanswers
#types\ttime\tstring\taddr\tport\taddr\tport\tenum\tstring\tvector[string]
1590969700.000000\tC1\t10.40.9.9\t4000\t8.8.8.8\t53\ttcp\tevil.example\t203.0.113.9
"""
INVENTORY = Inventory(
    assets=(Asset(parse_address("10.40.9.9"), "th-app02", "th-plant"),),
    realms=frozenset({"", "acquired"}),
)


@pytest.fixture
def lake(lake_of: Callable[..., Lake], zeek_conn: Callable[..., str], tmp_path: Path) -> Lake:
    rows = [
        zeek_conn(1_590_969_700.0, "C1", "10.40.9.9", 4000, "8.8.8.8", 53),
        zeek_conn(1_590_969_800.0, "C2", "10.40.9.9", 4001, "10.1.10.96", 445),
        zeek_conn(1_590_969_900.0, "C3", "10.40.3.3", 4002, "10.1.30.3", 1433),
    ]
    lake_of({"th-edge": "".join(rows)})
    return lake_of({"th-names": NAMED})


def test_a_host_by_address_or_name_is_all_its_connections(lake: Lake) -> None:
    by_name = lookup.of_host(lake, INVENTORY, "TH-app02")
    by_address = lookup.of_host(lake, INVENTORY, "10.40.9.9")
    assert by_name.connections == by_address.connections
    assert by_address.seed == {"kind": "host", "value": "10.40.9.9", "realm": "", "connections": 2}
    assert lookup.of_host(lake, INVENTORY, "10.99.0.1").nothing
    assert lookup.of_host(lake, INVENTORY, "acquired:10.40.9.9").nothing, "that is another host"
    assert lookup.of_host(lake, INVENTORY, ":10.40.9.9").connections == by_address.connections
    with pytest.raises(RequestError, match="is no host"):
        lookup.of_host(lake, INVENTORY, "evil.example")


def test_an_indicator_is_looked_up_as_name_and_as_address(lake: Lake) -> None:
    name = lookup.of_indicator(lake, INVENTORY, " EVIL.example. ")
    assert [path for path, _ in name.files] == [str(path) for path in {p for p, _ in name.files}]
    assert len(name.connections) == 1
    assert name.at
    answer = lookup.of_indicator(lake, INVENTORY, "203.0.113.9")
    assert answer.connections == name.connections, "the resolver named it, nobody talked to it"
    assert len(lookup.of_indicator(lake, INVENTORY, "8.8.8.8").connections) == 1
    assert lookup.of_indicator(lake, INVENTORY, "good.example").nothing
    with pytest.raises(RequestError, match="from 1 to"):
        lookup.of_indicator(lake, INVENTORY, " ")


def test_what_is_kept_of_a_seed_finds_the_same_again(lake: Lake) -> None:
    for found in (
        lookup.of_host(lake, INVENTORY, "10.40.9.9"),
        lookup.of_indicator(lake, INVENTORY, "evil.example"),
    ):
        assert lookup.again(lake, INVENTORY, found.seed).connections == found.connections
    connection = {
        "src": "10.40.9.9",
        "src_realm": "",
        "dst": "10.1.10.96",
        "dst_realm": "",
        "protocol": "tcp",
        "port": 445,
    }
    (one,) = lookup.again(lake, INVENTORY, {"kind": "finding", "connection": connection}).connections
    assert one in lookup.of_host(lake, INVENTORY, "10.1.10.96").connections
    assert lookup._id(one) == finding_id("10.40.9.9", "10.1.10.96", "tcp", 445)
    assert lookup.table([one]).num_rows == 1
    assert lookup.table([]).num_rows == 0


def test_an_address_that_is_two_hosts_must_be_told_apart(
    lake_of: Callable[..., Lake], zeek_conn: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    line = zeek_conn(1_590_969_800.0, "C2", "10.40.9.9", 4001, "10.1.10.96", 445)
    lake = lake_of({"th-edge": line})
    (own,) = lookup.of_host(lake, INVENTORY, "10.40.9.9").connections
    theirs = tuple("acquired" if value == "" else value for value in own)

    def both(_lake: Lake, ends: list[tuple[str, object]], found: lookup.Found) -> None:
        realms = {realm for realm, _ in ends}
        found.connections |= {c for c in (own, theirs) if c[0] in realms}

    monkeypatch.setattr(lookup, "_touch", both)
    with pytest.raises(RequestError, match="a host in 2 address spaces") as refused:
        lookup.of_host(lake, INVENTORY, "10.40.9.9")
    assert "say which: :10.40.9.9 or acquired:10.40.9.9" in refused.value.mend
    for name, connection in ((":10.40.9.9", own), ("acquired:10.40.9.9", theirs)):
        found = lookup.of_host(lake, INVENTORY, name)
        assert found.connections == {connection}
        assert lookup.again(lake, INVENTORY, found.seed).connections == {connection}


def test_files_in_which_logons_stand() -> None:
    at = datetime(2024, 3, 4, tzinfo=UTC)
    logons = HopLogons(
        answer="seen", why="anna", evidence=(Evidence(path="a.evtx", sha256="1" * 64, row=2),)
    )
    hop = HopDocument(
        src="10.1.0.1",
        dst="10.2.0.2",
        port=445,
        protocol="tcp",
        at=at,
        kind="connect",
        technique="T1021.002",
        logons=logons,
    )
    items = tuple(
        TimelineItem(
            at=at, kind="x", text="x", source=source, evidence=(Evidence(path=path, sha256="2" * 64),)
        )
        for source, path in (("logons", "b.evtx"), ("flows", "conn.log"))
    )
    document = InvestigationDocument(
        seeds=(), entry=None, onset=None, paths=(Route(score=1, hops=(hop,)),), timeline=items
    )
    assert lookup.of_logons(document) == {("a.evtx", "1" * 64), ("b.evtx", "2" * 64)}
