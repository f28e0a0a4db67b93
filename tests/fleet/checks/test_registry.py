from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from sekisho.fleet.checks.registry import CHECKS, NOT_RECORDED, answers, pack
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
        assert set(check.queries) <= set(check.tables)
    assert set(pack()["queries"]) == {t for c in CHECKS.values() for t in c.queries}
