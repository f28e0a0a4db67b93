from __future__ import annotations

from collections.abc import Callable

from sekisho.notify.facts import Sheet


def test_the_latest_counts_and_the_others_stay_in_view(sheet: Callable[..., Sheet]) -> None:
    facts = sheet("people=10", "personal_data=yes", "people=20", "people=20")
    assert facts.values() == {"people": 20, "personal_data": True}
    told = [(e.name, e.value, e.counts, e.contradicts) for e in facts.entries()]
    assert told == [
        ("people", "10", False, False),
        ("personal_data", "yes", True, False),
        ("people", "20", False, True),
        ("people", "20", True, False),
    ]
    assert facts.contradictions() == ("people: 10 (aiko) before, 20 (aiko) counts as the latest",)


def test_what_is_taken_back_is_not_known(sheet: Callable[..., Sheet]) -> None:
    facts = sheet("people=10", "people=unknown")
    assert facts.values() == {}
    assert facts.latest()["people"].text == "unknown"
    assert facts.contradictions() == ("people: 10 (aiko) before, unknown (aiko) counts as the latest",)
    assert sheet().contradictions() == ()


def test_a_set_that_only_grew_is_no_contradiction(sheet: Callable[..., Sheet]) -> None:
    grown = sheet("countries=JP,TH", "countries=JP,TH,PH")
    assert (grown.contradictions(), [e.contradicts for e in grown.entries()]) == ((), [False, False])
    (said,) = sheet("countries=JP,TH", "countries=JP,PH").contradictions()
    assert said == "countries: JP,TH (aiko) before, JP,PH (aiko) counts as the latest"


def test_times_that_differ_are_told_in_words(sheet: Callable[..., Sheet]) -> None:
    facts = sheet("aware=2020-06-11T00:00Z", "aware=2020-06-11T15:00+09:00")
    (said,) = facts.contradictions()
    assert said == (
        "aware: 2020-06-11 00:00 UTC (aiko) before, 2020-06-11 06:00 UTC (aiko) counts as the latest"
    )
    assert facts.entries()[1].value == "2020-06-11T06:00:00.000000Z"
