from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import permutations

from sekisho.fleet.checks.local_admins import LocalAdmins, derived, fresh
from sekisho.fleet.collections.base import Gathered, Row
from sekisho.model.terminals import CheckAnswer, Sighting

AT = datetime(2026, 3, 1, tzinfo=UTC)
OWN = {"username": "Administrator", "sid": "S-1-5-21-1-2-3-500"}
KEN = {"username": "CORP\\ken", "sid": "S-1-5-21-1-2-3-1105"}


def judged(rows: list[Row], expected: tuple[str, ...] | None = None) -> list[str]:
    return list(LocalAdmins(expected).judge({"local_admins": rows}))


def test_who_is_on_the_list_in_one_way_or_another() -> None:
    assert judged([OWN], ()) == []
    for expected in ("corp\\ken", "KEN", "S-1-5-21-1-2-3-1105", "corp\\*"):
        assert judged([OWN, KEN], (expected,)) == []
    (found,) = judged([OWN, KEN], ("helpdesk-*",))
    assert found == "CORP\\ken (S-1-5-21-1-2-3-1105) administers this machine and is on no list"
    # A name that ends like the built-in account's SID is not that account.
    assert judged([{"username": "evil-500", "sid": ""}], ())


def answer(rows: list[Row], days: int) -> CheckAnswer:
    found = tuple(judged(rows))
    outcome = "findings" if found else "clean"
    at = AT + timedelta(days=days)
    return CheckAnswer(f"{days}", "i", Sighting("pc"), "local-admins", outcome, at, findings=found)


def test_without_a_list_what_was_there_before_the_campaign_is_no_news() -> None:
    eve = {"username": "eve", "sid": "S-1-5-21-1-2-3-1200"}
    given = [answer([OWN, KEN], 0), answer([OWN, KEN, eve], 2), answer([OWN, KEN, eve], 3)]
    for order in permutations(given):
        found = {a.id: a for a in fresh(order, AT + timedelta(days=1))}
        assert found["0"].findings == given[0].findings
        # Asked twice since the campaign began, it is told twice: a finding does not go away by repeating.
        for one in ("2", "3"):
            (text,) = found[one].findings
            assert text.startswith("eve ")
    (alone,) = fresh([answer([OWN, KEN], 2)], AT + timedelta(days=1))
    assert alone.findings
    assert alone.outcome == "findings"


def test_nothing_new_is_clean_but_not_where_a_part_was_not_read() -> None:
    before, same = answer([KEN], 0), answer([KEN], 2)
    assert fresh([before, same], AT + timedelta(days=1))[1].outcome == "clean"
    torn = replace(same, reason="a part of it could not be read")
    assert fresh([before, torn], AT + timedelta(days=1))[1].outcome == "failed"


def test_made_of_the_tables_of_osquery() -> None:
    users = Gathered([{"uid": "1105", "username": "ken", "uuid": KEN["sid"]}], collected=AT)
    groups = Gathered([{"gid": "544", "group_sid": "S-1-5-32-544"}, {"gid": "545", "group_sid": "x"}])
    members = Gathered(
        [{"uid": "1105", "gid": "544"}, {"uid": "9", "gid": "544"}, {"uid": "8", "gid": "545"}]
    )
    assert derived({"users": users, "groups": groups}) is None
    members.whole, members.why = False, "torn"
    found = derived({"users": users, "groups": groups, "user_groups": members})
    assert found is not None
    assert [row["username"] for row in found.rows] == ["ken", "uid 9"]
    assert (found.whole, found.why, found.collected) == (False, "torn", AT)
