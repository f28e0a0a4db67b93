"""Records of a shared export: whose they are, and what is nobody's."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pytest

from sekisho.app import sharing
from sekisho.app.sharing import Share, Strangers, assign, matches, prefixes, previous
from sekisho.model.names import SOURCE_NAMES
from sekisho.model.sites import RealmMatch, Sensor
from sekisho.sources.base import Batch, Reject, no_flows

DAY = datetime(2024, 3, 1, tzinfo=UTC)


def batch(fields: dict[str, Sequence[str | None]], **more: Any) -> Batch:
    count = len(next(iter(fields.values())))
    blank = {"start": DAY, "end": DAY, "flags": 0, "row": 1}
    rows = [
        {f.name: blank.get(f.name, 0 if not f.nullable else None) for f in no_flows().schema}
    ] * count
    return Batch(pa.Table.from_pylist(rows, no_flows().schema), fields=pa.table(fields), **more)


def sensor(name: str, **more: Any) -> Sensor:
    return Sensor(name=name, site="s", **more)


def names(fields: dict[str, Sequence[str | None]], lines: Sequence[int]) -> Batch:
    rows = [{"time": DAY, "kind": "sni", "value": f"v{n}", "row": n} for n in lines]
    table = pa.Table.from_pylist(rows, SOURCE_NAMES)
    return Batch(no_flows(), names=table, name_fields=pa.table(fields))


def test_names_are_told_apart_as_records_are() -> None:
    given = names({"host": ["a", "a", "b"], "vrf": [None, None, "red"]}, [1, 1, 2])
    red = (RealmMatch(realm="acquired", match={"vrf": "red"}),)
    share = Share(sensor("b", match={"host": "b"}, realms=red), file=1, first_row=1)
    mine = share.take_names(given)
    assert mine is not None
    assert mine.select(["value", "sensor", "src_realm", "dst_realm"]).to_pylist() == [
        {"value": "v2", "sensor": "b", "src_realm": "acquired", "dst_realm": "acquired"}
    ]
    assert (share.names, share.rows) == (1, 0)
    assert share.take_names(Batch(no_flows())) is None


def test_names_of_no_sensor_are_counted_by_their_lines() -> None:
    strangers = Strangers([sensor("b", match={"host": "b"})])
    strangers.add(names({"host": ["a", "a", "b", "c"]}, [1, 1, 2, 3]))
    assert strangers.total == 2
    assert "host a (1)" in strangers.notes()[0]


def test_records_and_their_realms() -> None:
    given = batch({"host": ["fw1", "fw2", None], "vrf": ["red", "red", "red"]})
    red = (RealmMatch(realm="acquired", match={"vrf": "red"}),)
    mine = assign(given, sensor("fw1", match={"host": "fw1"}, realms=red))
    assert mine.num_rows == 1, "a record without the field is nobody's"
    assert mine["src_realm"].to_pylist() == mine["dst_realm"].to_pylist() == ["acquired"]
    assert assign(Batch(given.flows), sensor("x", match={"host": "fw1"})).num_rows == 0
    plain = assign(given, sensor("x", realm="lab"))
    assert (set(plain["sensor"].to_pylist()), set(plain["src_realm"].to_pylist())) == ({"x"}, {"lab"})
    assert plain.num_rows == 3


def test_all_values_must_match() -> None:
    given = batch({"host": ["a", "a", "b"], "vlan": ["1", "2", "1"]})
    assert matches(given, {"host": "a", "vlan": "1"}).tolist() == [True, False, False]
    assert matches(given, {"port": "1"}).tolist() == [False] * 3
    assert matches(given, {}).tolist() == [True] * 3


def test_a_share_is_alive_by_its_own_records_only() -> None:
    given = batch({"host": ["a", "b"]}, spans=((DAY, DAY),), last_row=2)
    shares = [Share(sensor(n, match={"host": h}), 1, 1) for n, h in (("one", "a"), ("other", "c"))]
    assert [share.take(given).num_rows for share in shares] == [1, 0]
    assert [share.spans for share in shares] == [((DAY, DAY),), ()]
    assert [share.last_row for share in shares] == [2, 2]
    alone = Share(sensor("alone"), 1, 1)
    alone.take(given)
    assert (alone.rows, alone.spans) == (2, ((DAY, DAY),))


def test_what_is_nobodys_is_told_once() -> None:
    share = Share(sensor("one"), 1, 1)
    share.take_others(batch({"h": ["a"]}, rejects=(Reject(1, "x"),), ignored=3, notes=("n", "n")))
    assert (share.rejected, share.ignored, list(share.notes)) == (1, 3, ["n"])


def test_strangers_are_counted_by_the_fields_that_sensors_select_by() -> None:
    strangers = Strangers([sensor("one", match={"host": "a"}), sensor("two", match={"vlan": "7"})])
    assert (strangers.total, strangers.notes()) == (0, ())
    strangers.add(batch({"host": ["a", "b", "b", None], "vlan": [None, "7", "8", None]}))
    assert strangers.total == 2
    (note,) = strangers.notes()
    assert "2 records are of no sensor" in note
    assert "host b, vlan 8 (1); without host, without vlan (1)" in note
    strangers.add(Batch(no_flows()))
    assert strangers.total == 2


def test_where_one_takes_all_the_rest_nobody_is_a_stranger() -> None:
    strangers = Strangers([sensor("one", match={"host": "a"}), sensor("rest")])
    strangers.add(batch({"host": ["z"]}))
    assert strangers.total == 0


def test_a_flood_of_values_is_counted_in_bounded_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sharing, "MOST_COUNTED", 20)
    strangers = Strangers([sensor("one", match={"host": "a"})])
    strangers.add(batch({"host": [f"x{n}" for n in range(50)] + ["x" * 1000] * 3}))
    strangers.add(batch({"host": [f"y{n}" for n in range(50)]}))
    assert strangers.total == 103
    (note,) = strangers.notes()
    assert "and 10 other values and more" in note
    assert len(note) < 1000


def test_what_several_sensors_files_grew_from() -> None:
    known = {"a": {10: {"h1": 1}, 20: {"h2": 2}}, "b": {10: {"h1": 7, "h3": 8}}, "c": {}}
    merged, owners = prefixes(known)
    assert {size: set(hashes) for size, hashes in merged.items()} == {10: {"h1", "h3"}, 20: {"h2"}}
    met = [merged[10]["h1"], merged[20]["h2"]]
    assert [previous(owners, met, name) for name in "abc"] == [2, 7, None]
