from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from sekisho.fleet.checks.local_admins import LocalAdmins
from sekisho.fleet.checks.registry import (
    CHECKS,
    NOT_RECORDED,
    TABLES,
    answers,
    configured,
    pack,
    reads,
)
from sekisho.fleet.collections.base import Collection
from sekisho.model.terminals import CheckAnswer, Sighting

AT = datetime(2026, 3, 1, tzinfo=UTC)
PC = Sighting("pc1")


def answered(collection: Collection, intake: str = "aa") -> dict[str, CheckAnswer]:
    return {one.check: one for one in answers(collection, intake, AT)}


def test_only_what_was_collected_answers() -> None:
    collection = Collection()
    collection.table(PC, "startup_items")
    collection.table(PC, "services").add({"name": "x", "path": r"C:\Users\Public\x.exe"})
    found = answered(collection)
    assert {name: one.outcome for name, one in found.items()} == {
        "startup": "clean",
        "services": "findings",
    }


def test_nothing_recorded_is_not_clean() -> None:
    collection = Collection()
    collection.table(PC, "services")
    startup = collection.table(PC, "startup_items")
    startup.whole, startup.why = False, "only changes"
    found = answered(collection)
    assert (found["services"].outcome, found["services"].reason) == ("failed", NOT_RECORDED)
    assert (found["startup"].outcome, found["startup"].reason) == ("failed", "only changes")


def test_the_same_answer_in_another_file_is_the_same() -> None:
    collection = Collection()
    collection.table(PC, "startup_items").collected = AT
    assert answered(collection, "aa")["startup"].id == answered(collection, "bb")["startup"].id


def test_every_check_has_its_words_in_the_reference_and_a_way_to_ask() -> None:
    text = (Path(__file__).parents[3] / "docs/reference/fleet-checks.md").read_text()
    for name, check in CHECKS.items():
        assert f"\n## {name}\n" in text
        assert set(check.queries) <= set(reads(check)) <= TABLES
    assert set(pack()["queries"]) == {t for c in CHECKS.values() for t in c.queries}


def test_a_check_without_tables_of_its_own_needs_one_of_those_it_reads() -> None:
    collection = Collection()
    collection.table(PC, "startup_items")
    assert "patch-age" not in answered(collection)
    collection.table(PC, "patches").add({"hotfix_id": "KB1", "installed_on": "no day"})
    found = answered(collection)["patch-age"]
    assert (found.outcome, found.reason) == ("failed", "no patch with a date was recorded")
    collection.table(PC, "patches").add({"hotfix_id": "KB2", "installed_on": "2026-02-20"})
    assert answered(collection)["patch-age"].outcome == "clean"


def test_how_old_is_asked_at_the_time_of_collecting() -> None:
    collection = Collection()
    patches = collection.table(PC, "patches")
    patches.add({"hotfix_id": "KB1", "installed_on": "2024-02-20"})
    patches.collected = datetime(2024, 3, 1, tzinfo=UTC)
    assert answered(collection)["patch-age"].outcome == "clean"


def test_administrators_of_osquerys_own_tables_by_the_workspaces_list() -> None:
    collection = Collection()
    collection.table(PC, "users").add({"uid": "7", "username": "eve", "uuid": "S-1"})
    collection.table(PC, "groups").add({"gid": "544", "group_sid": "S-1-5-32-544"})
    collection.table(PC, "user_groups").add({"uid": "7", "gid": "544"})
    assert answered(collection)["local-admins"].outcome == "findings"
    checks = configured(LocalAdmins(("eve",)))
    assert [c.name for c in checks] == list(CHECKS)
    (found,) = answers(collection, "aa", AT, checks)
    assert found.outcome == "clean"


def test_what_costs_a_terminal_much_is_asked_seldom() -> None:
    asked = {table: one["interval"] for table, one in pack(600)["queries"].items()}
    assert (asked["services"], asked["process_files"]) == (600, 600 * 24)
    assert {"process_files", "patches"} <= {t for t, seconds in asked.items() if seconds > 600}
