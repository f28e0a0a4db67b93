"""What is said of names on record; what came after a lookup is proven on evidence in tests/app/hunting."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa

from sekisho.audit.coverage import Coverage, Hours
from sekisho.audit.recorded import named_in
from sekisho.audit.sight import Sight
from sekisho.audit.stretches import hour_of
from sekisho.intel.lookups import Lookups, without_flows
from sekisho.inventory.register import Inventory
from sekisho.model.addresses import key, parse_address
from sekisho.store.hunting import Hunted

AT = datetime(2020, 6, 5, 10, tzinfo=UTC)
WHO, RESOLVER = key(parse_address("10.1.0.5")), key(parse_address("10.1.0.53"))


def row(**changes: Any) -> dict[str, Any]:
    said = {
        "number": 0, "kind": "dns_query", "value": "evil.example", "src_realm": "", "src_hi": WHO[0],
        "src_lo": WHO[1], "dst_realm": "", "dst_hi": RESOLVER[0], "dst_lo": RESOLVER[1], "dst_port": 53,
        "times": 1, "days": 1, "first": AT, "last": AT, "sensors": ["edge"],
    }  # fmt: skip
    return said | changes


def test_what_sightings_say_of_their_connection() -> None:
    rows = [row(days=2), row(first=AT - timedelta(days=1), last=AT + timedelta(days=2), sensors=["a"])]
    key = named_in(rows[0])
    assert key is not None
    said = without_flows(key, rows)
    assert (said["flows"], said["established"], said["days"], said["sensors"]) == (
        0,
        0,
        2,
        ["a", "edge"],
    )
    assert (said["first"], said["last"]) == (AT - timedelta(days=1), AT + timedelta(days=2))


def lookups(
    *answers: str, went: datetime | None = None, to: tuple[str, ...] = ("45.9.148.3",)
) -> Lookups:
    ends = {"src_realm": "", "src_hi": WHO[0], "src_lo": WHO[1]}
    given = [{"number": 0, "value": "evil.example", **ends, "answer": text} for text in answers]
    reached = [dict(zip(("hi", "lo"), key(parse_address(one)), strict=True)) for one in to]
    gone = [{**ends, **one, "last": went} for one in reached] if went else []
    hour = hour_of(AT)
    coverage = Coverage(
        {"edge": (Hours(hour - 5, hour + 5, "seen", 1, "records"),)}, hour - 5, hour + 5
    )
    hunted = Hunted(answers=pa.Table.from_pylist(given), followed=pa.Table.from_pylist(gone))
    return Lookups(hunted, Inventory(), Sight({}), coverage)


def test_an_earlier_connection_did_not_follow() -> None:
    (before,) = lookups("45.9.148.3", went=AT - timedelta(hours=1)).of([row()])
    (after,) = lookups("45.9.148.3", went=AT + timedelta(hours=1)).of([row()])
    assert (before.followed, after.followed) == ("not_recorded", "followed")
    assert "10.1.0.5 connected to 45.9.148.3 after it, last 2020-06-05 11:00 UTC" in after.text


def test_both_families_may_be_reached_at_once() -> None:
    both = "2001:db8:9::3", "45.9.148.3"
    (one,) = lookups(*both, went=AT, to=both).of([row()])
    assert one.followed == "followed"


def test_answers_that_are_no_addresses_say_nothing_of_what_followed() -> None:
    (one,) = lookups("cname.example", "<b>").of([row(), row(number=1)])
    assert (one.followed, one.answers, one.times) == ("no_answer", ("<b>", "cname.example"), 1)


def test_where_answers_were_left_out_nothing_is_said_not_to_have_followed() -> None:
    for answers in ((), ("45.9.148.3",)):
        some = lookups(*answers)
        some.hunted = replace(some.hunted, answers_left_out=True)
        (one,) = some.of([row()])
        assert (one.followed, "more answers" in one.text) == ("not_recorded", True)
    went = lookups("45.9.148.3", went=AT + timedelta(hours=1))
    went.hunted = replace(went.hunted, answers_left_out=True)
    assert went.of([row()])[0].followed == "followed"


def test_what_was_not_looked_up_is_no_lookup() -> None:
    assert lookups("45.9.148.3").of([row(kind="sni", dst_port=443), row(src_hi=None)]) == ()
