from __future__ import annotations

import json
from typing import Any

from sekisho.fleet.collections.base import Collection
from sekisho.fleet.collections.osquery import ONLY_CHANGES, PARTLY, is_osquery, named, read

UUID = "4c4c4544-0042-3510-8052-b4c04f564433"


def log(*records: Any) -> Collection:
    return read(((n, json.dumps(r).encode()) for n, r in enumerate(records, 1)), ["services"])


def record(**more: Any) -> dict[str, Any]:
    return {"name": "pack/x/services", "hostIdentifier": "pc1", "unixTime": 1_772_323_200, **more}


def test_a_snapshot_is_all_there_is() -> None:
    found = log(record(snapshot=[{"name": "a"}]), record(snapshot=[{"name": "b"}, {"name": "c"}]))
    ((who, tables),) = found.machines.values()
    assert who.hostname == "pc1"
    assert [r["name"] for r in tables["services"].rows] == ["b", "c"]
    assert tables["services"].whole


def test_changes_add_up_only_from_the_first_result() -> None:
    added = [record(action="added", columns={"name": n}, counter=c) for n, c in (("a", 0), ("b", 1))]
    removed = record(action="removed", columns={"name": "a"}, counter=2)
    ((_, tables),) = log(*added, removed).machines.values()
    assert [r["name"] for r in tables["services"].rows] == ["b"]
    assert tables["services"].whole
    ((_, tables),) = log(removed).machines.values()
    assert (tables["services"].whole, tables["services"].why) == (False, ONLY_CHANGES)


def test_a_first_result_of_several_rows_and_one_anew() -> None:
    def first(name: str) -> dict[str, Any]:
        return record(action="added", columns={"name": name}, counter=0)

    later = record(action="added", columns={"name": "c"}, counter=1)
    ((_, tables),) = log(first("a"), first("b"), later).machines.values()
    assert [r["name"] for r in tables["services"].rows] == ["a", "b", "c"]
    ((_, tables),) = log(first("a"), later, first("d")).machines.values()
    assert [r["name"] for r in tables["services"].rows] == ["d"]


def test_a_snapshot_that_lacks_a_row_is_not_whole() -> None:
    ((_, tables),) = log(record(snapshot=[{"name": "a"}, 7])).machines.values()
    assert (tables["services"].whole, tables["services"].why) == (False, PARTLY)


def test_a_batch_and_decorations() -> None:
    batch = record(
        diffResults={"added": [{"name": "a"}], "removed": ""},
        counter=0,
        hostIdentifier="instance",
        decorations={"hostname": "pc9", "host_uuid": UUID},
    )
    ((who, tables),) = log(batch).machines.values()
    assert (who.hostname, who.uuid, len(tables["services"].rows)) == ("pc9", UUID, 1)


def test_what_is_wrong_is_set_aside_by_line_and_the_rest_counts() -> None:
    found = log(
        record(snapshot="x"),
        record(snapshot=[1]),
        record(action="added", columns=None, counter=0),
        record(hostIdentifier="<img>", snapshot=[]),
        record(action="dance"),
        [],
        {**record(), "name": "other"},
        record(hostIdentifier=UUID, snapshot=[]),
    )
    assert [a.row for a in found.aside] == [1, 2, 3, 4, 5, 6]
    assert found.notes == ["1 results of queries that no check reads"]
    assert UUID in {who.uuid for who, _ in found.machines.values()}


def test_names_of_queries() -> None:
    for name in ("services", "pack/a/services", "pack_a_services", "Services"):
        assert named(name, ["scheduled_tasks", "services"]) == "services"
    assert named("myservices", ["services"]) is None
    assert named("pack/x/logged_in_users", ["users"]) is None
    assert named("pack/x/users", ["users"]) == "users"
    assert is_osquery(json.dumps(record()).encode())
    assert not is_osquery(b'{"hostname": "x"}')


def test_a_result_that_does_not_say_whose_it_is_costs_only_itself() -> None:
    nobody = {"name": "pack/x/services", "snapshot": []}
    found = log(nobody, record(snapshot=[{"name": "a"}]))
    assert [(a.row, a.why) for a in found.aside] == [(1, "does not say which machine it is of")]
    assert len(found.machines) == 1


def test_another_question_about_a_table_does_not_stand_for_it() -> None:
    for name in ("disabled_services", "pack/it/disabled_services", "new-services", "services_new"):
        assert named(name, ["services"]) is None
    for name in ("windows.services", "pack/it/services", "pack_it_services"):
        assert named(name, ["services"]) == "services"
