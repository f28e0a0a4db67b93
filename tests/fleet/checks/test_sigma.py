from __future__ import annotations

from datetime import UTC, datetime

from sekisho.fleet.checks.registry import CHECKS, answers
from sekisho.fleet.checks.sigma import NAME
from sekisho.fleet.collections.base import Collection, machine


def test_no_collection_answers_for_it_whatever_tables_it_says_it_has() -> None:
    found = Collection()
    for table in ("sigma", "events", "security_log"):
        found.table(machine("pc-1"), table)
    given = answers(found, "a" * 64, datetime(2026, 3, 1, tzinfo=UTC), CHECKS.values())
    assert NAME not in {one.check for one in given}
