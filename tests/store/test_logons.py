"""Logons in the lake: taken with their file, asked by host, address and account, kept as names are."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from sekisho.model.addresses import key, parse_address
from sekisho.model.logons import LOGON_SCHEMA, LogonKind
from sekisho.store import pruning
from sekisho.store.lake import Lake
from sekisho.store.layout import OWN_FILE
from sekisho.store.logons import LOG_HOURS, LOGONS
from sekisho.store.writer import FileIdentity, Known

MONDAY = datetime(2024, 3, 4, tzinfo=UTC)
Row = dict[str, Any]


def logon(host: str = "srv2.corp.example", *, at: float = 0, **more: Any) -> Row:
    plain = {"kind": "logon", "account": "CORP\\anna", "event": 4624}
    labels = {"sensor": "hosts", "src_realm": "", "dst_realm": "", "row": 1}
    row = plain | labels | {"time": MONDAY + timedelta(seconds=at), "host": host} | more
    if address := row.pop("src", None):
        row["src_hi"], row["src_lo"] = key(parse_address(address))
    return row


def put(lake: Lake, rows: list[Row], name: str = "a.evtx", *, unterminated: bool = False) -> None:
    content = f"{name}{rows}".encode()
    sha = hashlib.sha256(content).hexdigest()
    size = len(content)
    identity = FileIdentity(name, "hosts", "windows-evtx", sha, size, sha, size, unterminated)
    schema = pa.schema([field for field in LOGON_SCHEMA if field.name != "file"])
    with lake.writer() as writer:
        assert not isinstance(writer.begin(identity), Known)
        writer.add_logons(pa.Table.from_pylist(rows, schema=schema))
        writer.finish(max(row["row"] for row in rows))
        writer.commit()


def hosts_of(found: Any) -> list[str]:
    assert found.rows.schema.equals(LOGONS)
    return found.rows["host"].to_pylist()


def test_a_days_file_is_in_the_order_of_hosts_and_counts(lake: Lake) -> None:
    assert not lake.logons.any()
    put(lake, [logon("b"), logon("a", at=5), logon("a", at=86_400), logon("a", at=1)])
    files = sorted(lake.layout.logons.glob("day=*/*.parquet"))
    assert [path.parent.name for path in files] == ["day=2024-03-04", "day=2024-03-05"]
    assert all(OWN_FILE.fullmatch(path.name) for path in files)
    table = pq.read_table(files[0])
    assert table["host"].to_pylist() == ["a", "a", "b"]
    assert (lake.stats().logons, lake.stats().names, lake.stats().flows) == (4, 0, 0)
    assert lake.stats().logon_bytes == sum(path.stat().st_size for path in files)
    assert lake.verify() == []
    assert lake.logons.any()


def test_a_host_is_found_by_its_short_and_its_full_name_and_no_other(lake: Lake) -> None:
    rows = [logon(name, at=at) for at, name in enumerate(["SRV2", "srv2.corp.example", "srv2.other"])]
    rows += [logon("srv20", at=5), logon("elsewhere", at=6, src_name="SRV2")]
    put(lake, rows)
    assert hosts_of(lake.logons.look_up(hosts=["srv2"])) == [
        *("SRV2", "srv2.corp.example", "srv2.other", "elsewhere"),
    ]
    assert hosts_of(lake.logons.look_up(hosts=["Srv2.Corp.Example"])) == [
        *("SRV2", "srv2.corp.example", "elsewhere"),
    ]
    assert lake.logons.look_up(hosts=["'; DROP TABLE found; --"]).total == 0


def test_by_address_account_kind_and_time(lake: Lake) -> None:
    put(
        lake,
        [
            logon("a", at=1, src="10.0.0.7"),
            logon("b", at=2, account="anna@CORP.EXAMPLE"),
            logon("c", at=3, account="CORP\\joanna"),
            logon("d", at=4, kind="log_cleared", account=None),
        ],
    )
    assert hosts_of(lake.logons.look_up(addresses=[key(parse_address("10.0.0.7"))])) == ["a"]
    assert hosts_of(lake.logons.look_up(accounts=["Anna"])) == ["a", "b"]
    assert hosts_of(lake.logons.look_up(accounts=["corp\\ANNA"])) == ["a"]
    assert hosts_of(lake.logons.look_up(kinds=[LogonKind.LOG_CLEARED])) == ["d"]
    late = MONDAY + timedelta(seconds=2)
    assert hosts_of(lake.logons.look_up(late, late + timedelta(seconds=2))) == ["b", "c"]
    found = lake.logons.look_up(limit=1)
    assert (found.total, found.rows.num_rows) == (4, 1)
    assert found.rows["path"][0].as_py() == "a.evtx"


def test_hours_that_speak_and_hours_that_lack_something(lake: Lake) -> None:
    rows = [logon("A", at=5), logon("A", at=6), logon("A", at=3700, kind="records_missing")]
    rows += [logon("A", at=7300, kind="process", event=1)]
    # What a sensor on the network saw of a host says nothing of the host's own log.
    rows += [logon("10.0.0.2", at=9, event=None)]
    put(lake, rows)
    table, damage = lake.logons.hours(MONDAY, MONDAY + timedelta(days=1))
    assert table.schema.equals(LOG_HOURS)
    found = [(r["host"], r["hour"], r["logons"], r["missing"]) for r in table.to_pylist()]
    assert ("a", MONDAY, 2, 0) in found
    assert ("a", MONDAY + timedelta(hours=1), 0, 1) in found
    assert all(not (host == "10.0.0.2" and logons) for host, _, logons, _ in found)
    assert len([one for one in found if one[0] == "a"]) == 2
    assert damage == ()


def test_what_is_damaged_is_named_and_does_not_answer(lake: Lake) -> None:
    put(lake, [logon("a")])
    (path,) = lake.layout.logons.glob("day=*/*.parquet")
    path.write_bytes(b"broken")
    found = lake.logons.look_up()
    assert (found.total, [one.path for one in found.damage]) == (
        0,
        [str(path.relative_to(lake.layout.root))],
    )
    assert len(lake.verify()) == 1


def test_they_are_compacted_and_pruned_and_held_as_names_are(
    lake: Lake, take: Callable[..., bool], flow: Callable[..., Row]
) -> None:
    take(lake, "a", [flow(at=9)])
    for number in range(3):
        put(lake, [logon("a", at=number)], f"{number}.evtx")
    done = lake.compact()
    assert (done.names.files_before, done.names.files_after) == (3, 1)
    assert lake.logons.look_up().total == 3
    day = int(MONDAY.timestamp()) // 86_400
    pruning.hold(lake._connection, "case", [day], 0)
    assert lake.prune(MONDAY + timedelta(days=1)).logons == 0
    lake.release("case")
    assert lake.prunable(MONDAY + timedelta(days=1)).logons == 3
    gone = lake.prune(MONDAY + timedelta(days=1))
    assert (gone.logons, gone.names) == (3, 0)
    assert lake.logons.look_up().total == 0
    assert lake.verify() == []
