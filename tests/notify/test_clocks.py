from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sekisho.inventory.located import Problems
from sekisho.model.notices import Clock
from sekisho.notify.clocks import Delivery, clocks
from sekisho.notify.facts import Recorded, Sheet
from sekisho.notify.obligation import Obligation
from sekisho.notify.reading import read_obligation, shipped
from sekisho.notify.vocabulary import Value

NOW = datetime(2026, 6, 12, tzinfo=UTC)
CONTRACT = b"""\
title: Insurer
jurisdiction: insurer
citation: policy 7, clause 3
as_of: 2026-01-01
confidence: confirmed
zone: Asia/Tokyo
applies: own.insured
trigger: "yes"
exceptions: [{when: own.waived, why: "they said so"}]
stages:
  notice:
    {kind: preliminary, to: [Insurer], anchor: aware, due: 10 days, due_if: [{when: own.ransom, due: 24 hours}]}
  form: {kind: final, to: [Insurer], anchor: "stage:notice", due: 30 days}
"""
BEGUN = ("own.insured=yes", "occurred=2026-05-01T00:00Z", "aware=2026-06-11T00:00Z")


def contract() -> Obligation:
    problems = Problems()
    read = read_obligation("obligations/insurer.yaml", CONTRACT, problems, own=True)
    assert read is not None, problems
    return read


def sent(stage: str, at: str, seq: int = 50) -> Delivery:
    when = datetime.fromisoformat(at).astimezone(UTC)
    return Delivery("insurer", stage, when, "aiko", "ab", "receipt.pdf", seq, when)


def told(sheet: Sheet, *deliveries: Delivery, now: datetime = NOW) -> dict[str, Clock]:
    return {one.stage: one for one in clocks([contract()], sheet, deliveries, now)}


def test_nothing_recorded_starts_nothing(sheet: Callable[..., Sheet]) -> None:
    clock = told(sheet())["notice"]
    assert (clock.state, clock.missing, clock.due) == ("not_started", ("aware", "own.insured"), None)


def test_no_other_time_stands_in_for_an_anchor(sheet: Callable[..., Sheet]) -> None:
    times = ("suspected", "discovered", "determined_breach", "occurred", "material", "resolved")
    facts = sheet("own.insured=yes", *(f"{name}=2026-06-01T00:00Z" for name in times))
    clock = told(facts)["notice"]
    assert (clock.state, clock.started, clock.missing) == ("not_started", None, ("aware",))
    assert "no other time stands in for it" in clock.why


def test_through_its_life(sheet: Callable[..., Sheet]) -> None:
    facts = sheet(*BEGUN, "own.ransom=no")
    due = datetime(2026, 6, 21, 15, tzinfo=UTC) - timedelta(microseconds=1)
    for now, state in (
        (NOW, "running"),
        (due - timedelta(days=2), "due_soon"),
        (due, "due_soon"),
        (due + timedelta(seconds=1), "late"),
    ):
        clock = told(facts, now=now)["notice"]
        assert (clock.state, clock.due, clock.local) == (state, due, "2026-06-21 23:59+09:00")
    in_time = told(facts, sent("notice", "2026-06-21T14:59Z"), now=due + timedelta(days=9))
    assert (in_time["notice"].state, in_time["form"].state) == ("met", "running")
    assert in_time["form"].local == "2026-07-21 23:59+09:00"
    late = told(facts, sent("notice", "2026-06-21T15:30Z"))["notice"]
    assert (late.state, late.why) == ("late", "delivered 2026-06-21 15:30+00:00, 30 min late")
    again = told(facts, sent("notice", "2026-06-14T00:00Z"), sent("notice", "2026-06-30T00:00Z", 51))
    assert again["notice"].state == "met"


def test_a_dependent_stage_waits_for_the_other(sheet: Callable[..., Sheet]) -> None:
    clock = told(sheet(*BEGUN))["form"]
    assert (clock.state, clock.missing) == ("not_started", ("stage:notice",))


def test_what_is_not_known_takes_the_earliest(sheet: Callable[..., Sheet]) -> None:
    clock = told(sheet(*BEGUN))["notice"]
    assert (clock.due, clock.missing) == (datetime(2026, 6, 12, tzinfo=UTC), ("own.ransom",))
    assert "the earliest while own.ransom is not known" in clock.why


def test_a_decision_is_asked_for_with_what_would_be_due(sheet: Callable[..., Sheet]) -> None:
    clock = told(sheet("occurred=2026-05-01T00:00Z", "aware=2026-06-11T00:00Z", "own.ransom=no"))[
        "notice"
    ]
    assert (clock.state, clock.missing) == ("needs_decision", ("own.insured",))
    assert "would be due 2026-06-21 23:59+09:00" in clock.why


def test_what_does_not_apply_says_why(sheet: Callable[..., Sheet]) -> None:
    off = told(sheet("own.insured=no"))["notice"]
    assert (off.state, off.why) == (
        "not_applicable",
        "it does not hold that own.insured: own.insured is no",
    )
    waived = told(sheet(*BEGUN, "own.waived=yes"))["notice"]
    assert (waived.state, waived.why, waived.due) == ("not_applicable", "they said so", None)


def test_a_delivery_without_an_anchor_is_no_success(sheet: Callable[..., Sheet]) -> None:
    facts = sheet("own.insured=yes", "occurred=2026-05-01T00:00Z")
    clock = told(facts, sent("notice", "2026-06-14T00:00Z"))["notice"]
    assert clock.state == "not_started"
    assert "nobody can say whether in time" in clock.why


def test_a_deadline_that_moved_says_by_what(sheet: Callable[..., Sheet]) -> None:
    facts = sheet(*BEGUN, "own.ransom=no", "aware=unknown", "aware=2026-06-09T00:00Z")
    later, earlier = told(facts)["notice"].moved
    assert (later.earlier, later.fact) == (False, "own.ransom=no")
    assert (earlier.earlier, earlier.fact) == (True, "aware=2026-06-09 00:00 UTC")
    assert earlier.was - earlier.now == timedelta(days=2)


def test_each_place_has_its_own_awareness(sheet: Callable[..., Sheet]) -> None:
    base = ("countries=TH,ID", "personal_data=yes", "risk=likely")
    facts = sheet(*base, "aware.ID=2026-06-24T02:00Z")
    laws = [one for one in shipped() if one.id in ("th-pdpa", "id-pdp")]
    told = {(c.obligation, c.stage): c for c in clocks(laws, facts, (), NOW)}
    assert told["id-pdp", "agency"].due == datetime(2026, 6, 27, 2, tzinfo=UTC)
    # What was known of Indonesia starts no clock of Thailand.
    assert told["th-pdpa", "authority"].state == "not_started"
    facts = sheet(*base, "aware=2026-06-11T02:00Z", "aware.ID=2026-06-24T02:00Z", "personal_data.TH=no")
    told = {(c.obligation, c.stage): c for c in clocks(laws, facts, (), NOW)}
    assert told["id-pdp", "agency"].due == datetime(2026, 6, 27, 2, tzinfo=UTC)
    (moved,) = told["id-pdp", "agency"].moved
    assert (moved.earlier, moved.fact) == (False, "aware.ID=2026-06-24 02:00 UTC")
    assert told["th-pdpa", "authority"].state == "not_applicable"


HANDWORKED: tuple[tuple[str, str, tuple[str, ...], str], ...] = (
    # GDPR 33(1): 72 hours from knowing; on 25 October 2026 clocks went back in Brussels, so 09:00.
    (
        "eu-gdpr authority",
        "aware",
        ("2026-10-23T10:00+02:00", "countries=DE", "personal_data=yes", "risk=likely"),
        "2026-10-26 09:00+01:00",
    ),
    # UK GDPR 33(1): on 29 March 2026 clocks went forward in London; over Easter hours run on.
    (
        "gb-gdpr authority",
        "aware",
        ("2026-03-27T10:00+00:00", "countries=GB", "personal_data=yes", "risk=likely"),
        "2026-03-30 11:00+01:00",
    ),
    # NIS2 23(4)(a): 24 hours across the same night in October are 11:59 the next day, not 12:59.
    (
        "eu-nis2 early-warning",
        "aware",
        ("2026-10-24T12:59+02:00", "countries=DE", "nis2_entity=yes", "significant_incident=yes"),
        "2026-10-25 11:59+01:00",
    ),
    # Rule 8(2) of Japan, the day of knowing counted: 2 December is day 1, 31 December day 30; it is closed, and
    # the clock relies on no grace.
    (
        "jp-appi final",
        "aware",
        (
            "2026-12-02T09:00+09:00",
            "countries=JP",
            "personal_data=yes",
            "financial_harm=yes",
            "improper_purpose=no",
        ),
        "2026-12-31 23:59+09:00",
    ),
    # The same with an improper purpose: day 60 from 2 January 2028 is 1 March, since 2028 has a 29 February.
    (
        "jp-appi final",
        "aware",
        ("2028-01-02T09:00+09:00", "countries=JP", "personal_data=yes", "improper_purpose=yes"),
        "2028-03-01 23:59+09:00",
    ),
    # Section 26D(1) of Singapore: 3 calendar days after the day of the assessment, New Year's holidays or not.
    (
        "sg-pdpa commission",
        "determined_notifiable",
        ("2026-02-16T23:30+08:00", "countries=SG", "personal_data=yes", "people=600"),
        "2026-02-19 23:59+08:00",
    ),
    # 8-K, B.1: determined on the Wednesday before Thanksgiving: Fri, Mon, Tue, Wed.
    (
        "us-sec form-8k",
        "material",
        ("2026-11-25T17:00-05:00", "sec_registrant=yes"),
        "2026-12-02 23:59-05:00",
    ),
    # 8-K, B.1: determined on Saturday 29 August 2026, before Labor Day: Mon, Tue, Wed, Thu.
    (
        "us-sec form-8k",
        "material",
        ("2026-08-29T12:00-04:00", "sec_registrant=yes"),
        "2026-09-03 23:59-04:00",
    ),
    # 45 CFR 164.404(b): 60 calendar days from 30 December 2027: 28 February 2028, a leap year's last but one.
    (
        "us-hipaa people",
        "discovered",
        ("2027-12-30T12:00-05:00", "hipaa_entity=yes", "data=health"),
        "2028-02-28 23:59-05:00",
    ),
    # 164.408(c): 60 days after the end of 2027: 29 February 2028.
    (
        "us-hipaa secretary-yearly",
        "discovered",
        ("2027-05-03T12:00-04:00", "hipaa_entity=yes", "data=health", "people=20"),
        "2028-02-29 23:59-05:00",
    ),
    # California 1798.82(a)(2)(A): 30 days from 15 October 2026; clocks went back on 1 November.
    (
        "us-ca people",
        "discovered",
        (
            "2026-10-15T23:30-07:00",
            "personal_data=yes",
            "people.US-CA=9",
            "acquired=yes",
            "data=identity",
        ),
        "2026-11-14 23:59-08:00",
    ),
    # Decree 40(1) of Korea: 72 hours run through Chuseok, 24 to 26 September 2026.
    (
        "kr-pipa authority",
        "aware",
        ("2026-09-23T18:00+09:00", "countries=KR", "personal_data=yes", "people=1000"),
        "2026-09-26 18:00+09:00",
    ),
    # Circular 16-03, 17(C) of the Philippines: five days at a hundred people, over the holidays of New Year.
    (
        "ph-dpa full-report",
        "aware",
        (
            "2026-12-29T20:00+08:00",
            "countries=PH",
            "personal_data=yes",
            "data=identity",
            "acquired=yes",
            "serious_harm=yes",
            "people=100",
        ),
        "2027-01-03 23:59+08:00",
    ),
    # CERT-In (ii): six hours of noticing, over midnight in India, half an hour off the rest.
    (
        "in-certin report",
        "aware",
        ("2026-08-14T20:30+05:30", "countries=IN", "certin_incident=yes"),
        "2026-08-15 02:30+05:30",
    ),
    # Article 4 of China: four hours; a million people make it relatively major by themselves.
    (
        "cn-cac provincial",
        "aware",
        ("2026-10-01T22:00+08:00", "countries=CN", "people.CN=1000000", "critical_infrastructure=no"),
        "2026-10-02 02:00+08:00",
    ),
)


@pytest.mark.parametrize(("clock", "anchor", "facts", "wanted"), HANDWORKED)
def test_laws_worked_by_hand(
    sheet: Callable[..., Sheet], clock: str, anchor: str, facts: tuple[str, ...], wanted: str
) -> None:
    known = sheet(f"{anchor}={facts[0]}", *facts[1:])
    law, _, stage = clock.partition(" ")
    (told_,) = [
        one
        for one in clocks([one for one in shipped() if one.id == law], known, (), NOW)
        if one.stage == stage
    ]
    assert (told_.local, told_.missing) == (wanted, ())
    assert told_.state in ("running", "due_soon", "late")


def test_the_final_report_of_nis2_is_a_month_after_the_notification(
    sheet: Callable[..., Sheet],
) -> None:
    """Article 23(4)(d): from 31 January 2027 it is the last day of February."""
    (law,) = [one for one in shipped() if one.id == "eu-nis2"]
    facts = sheet(
        "aware=2027-01-29T10:00+01:00",
        "countries=DE",
        "nis2_entity=yes",
        "significant_incident=yes",
    )
    when = datetime(2027, 1, 31, 9, tzinfo=UTC)
    told_ = Delivery("eu-nis2", "notification", when, "a", "ab", "r.pdf", 50, when)
    by_stage = {one.stage: one for one in clocks([law], facts, [told_], when)}
    assert by_stage["final"].local == "2027-02-28 23:59+01:00"
    assert by_stage["notification"].state == "met"


_FACTS = st.one_of(
    st.tuples(st.sampled_from(["aware", "aware.JP", "aware.EU"]), st.integers(0, 40 * 24)).map(
        lambda pair: (pair[0], datetime(2026, 5, 1, tzinfo=UTC) + timedelta(hours=pair[1]))
    ),
    st.sampled_from(["aware", "improper_purpose", "people"]).map(lambda name: (name, None)),
    st.booleans().map(lambda yes: ("improper_purpose", yes)),
    st.integers(0, 3000).map(lambda n: ("people", n)),
    st.tuples(st.sampled_from(["suspected", "discovered", "material"]), st.integers(0, 40 * 24)).map(
        lambda pair: (pair[0], datetime(2026, 5, 1, tzinfo=UTC) + timedelta(hours=pair[1]))
    ),
    st.sampled_from(["encrypted", "acquired", "serious_harm", "significant_harm"]).flatmap(
        lambda name: st.booleans().map(lambda yes: (name, yes))
    ),
)
_ELSEWHERE: tuple[tuple[str, Value | None], ...] = (
    ("countries", frozenset({"JP", "DE", "SG", "KR", "PH", "CN", "US"})),
    ("personal_data", True),
    ("risk", "likely"),
    ("data", frozenset({"health", "identity"})),
    ("people.US-CA", 600),
    ("hipaa_entity", True),
    ("sec_registrant", True),
)


@settings(deadline=None, max_examples=40)
@given(st.lists(_FACTS, min_size=1, max_size=8))
def test_no_deadline_moves_earlier_without_saying_so(
    added: list[tuple[str, Value | None]],
) -> None:
    """Whatever is recorded in whatever order: where one lies before the last that was told, `moved` has it."""
    base = _ELSEWHERE
    laws = shipped()
    at = datetime(2026, 5, 1, tzinfo=UTC)
    facts = [
        Recorded(name, value, at, "s", "aiko", at, n) for n, (name, value) in enumerate((*base, *added))
    ]
    before: dict[tuple[str, str], datetime] = {}
    for n in range(len(base), len(facts) + 1):
        for clock in clocks(laws, Sheet.of(facts[:n]), (), NOW):
            key = (clock.obligation, clock.stage)
            if clock.due is None:
                continue
            was = before.get(key)
            if was is not None and clock.due < was:
                last = clock.moved[-1]
                assert (last.earlier, last.was, last.now) == (True, was, clock.due)
                assert last.fact.partition("=")[0] == facts[n - 1].name
            before[key] = clock.due
