from __future__ import annotations

import pytest

from sekisho.notify.contents import facts_for
from sekisho.notify.reading import shipped
from sekisho.notify.vocabulary import FACTS


@pytest.mark.parametrize(
    ("item", "first", "last"),
    [
        ("本人の数 (number of people)", "people", "people"),
        ("個人データの項目 (items of personal data)", "data", "encrypted"),
        ("Nature of the breach", "occurred", "acquired"),
        ("Chronology of the events that led to the loss of control", "occurred", "determined_breach"),
        ("Likely consequences", "risk", "significant_incident"),
        ("Nature and number of people and records", "people", "acquired"),
    ],
)
def test_what_facts_answer(item: str, first: str, last: str) -> None:
    found = facts_for(item)
    assert (found[0], found[-1]) == (first, last)


@pytest.mark.parametrize(
    "item",
    [
        "原因 (cause)",
        "Measures taken",
        "Data protection officer or other contact point",
        "Actions to mitigate harm",
        "What people should do: steps to protect their data",
        "Contact",
        "How many were told",
        "Timing and content of the notices",
    ],
)
def test_what_people_must_write(item: str) -> None:
    assert facts_for(item) == ()


def test_whatever_a_law_wants_is_answered_by_facts_that_there_are() -> None:
    items = {item for one in shipped() for stage in one.stages.values() for item in stage.shape.needs}
    answered = {item for item in items if facts_for(item)}
    assert len(items) > len(answered) > len(items) // 3
    assert {name for item in answered for name in facts_for(item)} <= set(FACTS)
