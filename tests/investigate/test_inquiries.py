from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sekisho.investigate.inquiries import STATES, inquiry, local
from sekisho.model.sites import Site
from sekisho.state.incident_records import InquiryEvent

AT = datetime(2026, 3, 1, tzinfo=UTC)
DUE = AT + timedelta(days=3)
ZONES = {"jp-hq": "Asia/Tokyo", "th-plant": "Asia/Bangkok", "us-plant": "America/Chicago"}
SITES = {name: Site(name, name, "", zone, f"it-{name[:2]}", ()) for name, zone in ZONES.items()}


def event(action: Any, site: str = "th-plant", seq: int = 1, **more: Any) -> InquiryEvent:
    if action == "ask":
        more = {"due": DUE} | more
    return InquiryEvent(seq, "INC-1", action, site, "aiko", AT, **more)


def state(*events: InquiryEvent, now: datetime = AT, site: str = "th-plant") -> str:
    document = inquiry("INC-1", SITES, events, now)
    return next(row.state for row in document.sites if row.site == site)


@pytest.mark.parametrize(
    ("events", "now", "expected"),
    [
        ([], AT, "not_asked"),
        ([event("start", "")], AT, "not_asked"),
        ([event("ask")], AT, "asked"),
        ([event("ask")], DUE - timedelta(microseconds=1), "asked"),
        ([event("ask")], DUE, "overdue"),
        ([event("ask"), event("answer", result="answered")], DUE, "answered"),
        ([event("ask"), event("answer", result="cleared")], DUE, "cleared"),
        ([event("answer", result="cleared")], DUE, "cleared"),
        ([event("ask"), event("answer", result="cleared"), event("ask")], AT, "asked"),
        ([event("ask"), event("answer", result="cleared"), event("ask")], DUE, "overdue"),
        ([event("answer", result="affected"), event("ask")], DUE, "affected"),
        ([event("answer", result="affected"), event("answer", result="answered")], AT, "affected"),
        ([event("answer", result="affected"), event("answer", result="cleared")], AT, "cleared"),
        ([event("answer", result="cleared"), event("answer", result="answered")], AT, "answered"),
    ],
)
def test_a_site_is_in_one_state(events: list[InquiryEvent], now: datetime, expected: str) -> None:
    assert state(*events, now=now) == expected
    assert state(*events, now=now, site="jp-hq") == "not_asked"


def test_an_answer_to_an_earlier_question_is_told_as_one() -> None:
    asked = [
        event("start", "", 1, text="Who sent mail?"),
        event("answer", "th-plant", 2, result="cleared"),
        event("start", "", 3, text="Who sent mail?"),
    ]
    assert inquiry("INC-1", SITES, asked, AT).notes == (), "only the due time changed"
    other = [*asked, event("start", "", 4, text="Who saw this file?")]
    assert inquiry("INC-1", SITES, other, AT).notes == (
        "1 site answered an earlier question, not this one",
    )
    again = [*other, event("answer", "th-plant", 5, result="cleared")]
    assert inquiry("INC-1", SITES, again, AT).notes == ()


def test_due_is_told_on_the_site_s_own_clock() -> None:
    document = inquiry("INC-1", SITES, [event("ask"), event("ask", "us-plant")], AT)
    found = {row.site: row for row in document.sites}
    assert found["th-plant"].due_local == "2026-03-04T07:00:00+07:00"
    assert found["us-plant"].due_local == "2026-03-03T18:00:00-06:00"
    assert found["jp-hq"].due_local is None
    assert local(DUE, "UTC") == "2026-03-04T00:00:00+00:00"


def test_the_contact_is_whoever_was_named_last_else_the_owner() -> None:
    asked = [event("ask", contact="anong"), event("answer", result="answered", text="yes")]
    document = inquiry("INC-1", SITES, asked, AT)
    found = {row.site: row for row in document.sites}
    assert found["th-plant"].contact == "anong"
    assert found["jp-hq"].contact == "it-jp"
    assert [answer.text for answer in found["th-plant"].answers] == ["yes"]


def test_a_site_that_left_the_register_is_still_counted() -> None:
    document = inquiry("INC-1", SITES, [event("ask", "old-plant")], DUE)
    assert document.total == 4
    (old,) = (row for row in document.sites if not row.registered)
    assert (old.site, old.state, old.timezone) == ("old-plant", "overdue", "UTC")


events_of = st.lists(
    st.builds(
        event,
        st.sampled_from(["start", "ask", "answer"]),
        st.sampled_from([*ZONES, "old-plant"]),
        result=st.sampled_from(["answered", "cleared", "affected"]),
        due=st.one_of(st.none(), st.datetimes(timezones=st.just(UTC))),
    ),
    max_size=12,
)


@settings(max_examples=150, deadline=None)
@given(
    events_of,
    st.datetimes(timezones=st.just(UTC)),
)
def test_states_sum_to_the_sites_under_any_order_of_events(
    events: Sequence[InquiryEvent], now: datetime
) -> None:
    events = [e for e in events if e.due is None or 1900 < e.due.year < 9000]
    document = inquiry("INC-1", SITES, events, now)
    assert tuple(document.states) == STATES
    assert sum(document.states.values()) == document.total == len(document.sites)
    assert {row.site for row in document.sites} >= SITES.keys()
    for name in STATES:
        assert document.states[name] == sum(row.state == name for row in document.sites)
