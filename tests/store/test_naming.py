"""Where a value was seen, and what was seen in the flows of a connection."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from ipaddress import ip_address
from typing import Any

import pyarrow as pa
import pytest

from sekisho.model.addresses import key
from sekisho.model.names import NameKind
from sekisho.store.lake import Lake

Row = dict[str, Any]
DAY = 86_400


@pytest.fixture
def filled(
    lake: Lake, take_names: Callable[..., None], take: Callable[..., bool],
    flow: Callable[..., Row], name: Callable[..., Row],
) -> Lake:  # fmt: skip
    """Flows of two connections at sensor a with uids, of one at b without; names of a and of c."""
    take(lake, "a", [flow(uid="C1"), flow(uid="C2", at=50_000), flow("10.40.1.1", uid="C3")])
    take(lake, "b", [flow(sport=50_000)], "b.log")
    names = [
        name("evil.example", uid="C1", at=36_000),
        name("evil.example", uid="C2", at=50_000),
        name("abcd", "ja3", uid="C1", at=36_000),
        name("other.example", uid="C3", src="10.40.1.1", at=36_000),
        name("not.logged", uid="C9", at=36_000),
    ]
    take_names(lake, "a", names)
    take_names(lake, "c", [name("near.example", at=36_050), name("late.example", at=40_000)], "c")
    return lake


def connection(src: str = "10.40.9.9", port: int = 445) -> pa.Table:
    row: Row = {"src_realm": "", "dst_realm": "", "protocol": 6, "port": port}
    for end, address in (("src", src), ("dst", "10.1.0.5")):
        row[f"{end}_hi"], row[f"{end}_lo"] = key(ip_address(address))
    return pa.table({name: [value] for name, value in row.items()})


def values(found: pa.Table) -> list[str]:
    return [row["value"] for row in found.to_pylist()]


def test_a_value_is_found_with_its_place(filled: Lake, monday: datetime) -> None:
    found = filled.names(["EVIL.example."])
    assert found.total == 2
    first = found.rows.to_pylist()[0]
    assert (first["sensor"], first["uid"], first["kind"]) == ("a", "C1", "sni")
    assert first["time"] == monday + timedelta(seconds=36_000)
    assert (first["row"], first["path"], first["dst_port"]) == (1, "names.log", 445)
    assert len(first["sha256"]) == 64


def test_several_at_once_of_some_kinds_within_a_window_and_a_limit(
    filled: Lake, monday: datetime
) -> None:
    asked = ["evil.example", "abcd", "other.example"]
    assert filled.names(asked).total == 4
    assert values(filled.names(asked, [NameKind.JA3]).rows) == ["abcd"]
    assert values(filled.names(asked, begin=monday + timedelta(hours=11)).rows) == ["evil.example"]
    assert filled.names(asked, end=monday).total == 0
    few = filled.names(asked, limit=1)
    assert (few.rows.num_rows, few.total) == (1, 4)


@pytest.mark.parametrize("odd", ["", "' OR 1=1 --", "%", "evil", "evil_example", "\0", "x" * 5000])
def test_what_is_asked_for_is_a_value_and_never_a_pattern_or_sql(filled: Lake, odd: str) -> None:
    assert filled.names([odd]).total == 0


def test_nothing_asked_and_nothing_there(lake: Lake, filled: Lake) -> None:
    assert filled.names([]).total == 0
    assert filled.names(["evil.example"], []).total == 0


def test_an_empty_lake_knows_no_names(lake: Lake) -> None:
    assert lake.names(["evil.example"]).total == 0
    assert lake.names_seen(connection()).total == 0


def test_names_belong_to_flows_by_uid_and_else_by_ends_port_and_time(filled: Lake) -> None:
    found = filled.names_seen(connection())
    rows = {row["value"]: row for row in found.rows.to_pylist()}
    assert set(rows) == {"evil.example", "abcd", "near.example"}
    assert rows["evil.example"]["times"] == 2
    assert rows["evil.example"]["sensors"] == ["a"]
    assert rows["evil.example"]["row"] == 1
    assert rows["near.example"]["path"] == "c"
    assert values(filled.names_seen(connection("10.40.1.1")).rows) == ["other.example"]
    assert filled.names_seen(connection(port=446)).total == 0


def test_a_bounded_answer_has_some_of_every_kind(filled: Lake) -> None:
    found = filled.names_seen(connection(), limit=2)
    assert found.total == 3
    assert {row["kind"] for row in found.rows.to_pylist()} == {"sni", "ja3"}


def test_a_half_line_that_grew_counts_once(
    lake: Lake, name: Callable[..., Row], names_table: Callable[..., pa.Table],
    identity: Callable[..., Any],
) -> None:  # fmt: skip
    with lake.writer() as writer:
        begun = writer.begin(identity("a", b"one\ntw"))
        writer.add_names(names_table([name("one"), name("tw")], "a"))
        writer.finish(2)
        writer.commit()
        grown = writer.begin(identity("a", b"one\ntwo\n"), begun.file)
        assert (grown.first_row, grown.previous) == (2, begun.file)
        writer.add_names(names_table([name("two", row=2)], "a"))
        writer.finish(2)
        writer.commit()
    assert values(lake.names(["one", "tw", "two"]).rows) == ["one", "two"]


def test_what_is_abandoned_is_nowhere(
    lake: Lake, name: Callable[..., Row], names_table: Callable[..., pa.Table],
    identity: Callable[..., Any],
) -> None:  # fmt: skip
    with lake.writer() as writer:
        writer.begin(identity("a", b"x\n"))
        writer.add_names(names_table([name("gone")], "a"))
        writer.abandon("broken")
        writer.commit()
    assert lake.names(["gone"]).total == 0
    assert lake.stats().names == 0


def test_a_file_that_is_not_whole_is_named_and_the_rest_answers(
    filled: Lake, take_names: Callable[..., None], name: Callable[..., Row]
) -> None:
    take_names(filled, "a", [name("evil.example", at=DAY + 5)], "next")
    path = next(filled.layout.names.glob("day=2024-03-05/*.parquet"))
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0xFF
    path.write_bytes(content)
    (damage,) = filled.verify()
    assert damage.path.startswith("names/")
    found = filled.names(["evil.example"])
    assert found.total == 2
    assert [one.path for one in found.damage] == [damage.path]
    assert damage.path not in filled.counted()
    assert [one.path for one in filled.damage()] == [damage.path]


def test_sizes_tell_without_reading(filled: Lake) -> None:
    path = next(filled.layout.names.rglob("*.parquet"))
    path.unlink()
    assert [one.reason for one in filled.damage()] == ["missing"]
    assert filled.names(["evil.example"]).damage


def test_names_stand_in_the_figures_and_among_what_is_backed_up(filled: Lake) -> None:
    figures = filled.stats()
    assert figures.names == 7
    counted = [path for path in filled.counted() if path.startswith("names/")]
    assert len(counted) == 2
    assert figures.name_bytes == sum((filled.layout.root / path).stat().st_size for path in counted)


def test_names_late_in_a_flow_of_days_are_its_names(
    lake: Lake, take_names: Callable[..., None], take: Callable[..., bool],
    flow: Callable[..., Row], name: Callable[..., Row],
) -> None:  # fmt: skip
    take(lake, "a", [flow(uid="C1", lasts=9 * DAY)])
    take_names(lake, "a", [name("late", uid="C1", at=8 * DAY), name("later", uid="C1", at=30 * DAY)])
    assert values(lake.names_seen(connection()).rows) == ["late"]
