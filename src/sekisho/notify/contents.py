"""Which facts answer an item that a law wants to read."""

from __future__ import annotations

import re

from sekisho.notify.vocabulary import FACTS

_WHEN = ("occurred", "suspected", "aware", "discovered", "determined_breach")
_HAPPENED = (*_WHEN, "countries", "improper_purpose", "acquired")
_BY_PEOPLE = re.compile(
    r"officer|contact|representative|assistance|remed|recommend|\b(?:measures?|actions|steps)\b",
    re.IGNORECASE,
)
"""Whom to ask, what is done and what people should do: no fact says it, whatever else the item names."""
TOPICS: tuple[tuple[re.Pattern[str], tuple[str, ...]], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), facts)
    for pattern, facts in (
        (r"numbers? of|residents", ("people",)),
        (
            r"nature|happened|description|circumstances|facts of|outline|scope and timing|when",
            _HAPPENED,
        ),
        (r"time of occurrence|chronology", _WHEN),
        (
            r"data|information was|kinds of information|which information|categories|items",
            ("data", "encrypted"),
        ),
        (
            r"harm|consequences|effects|impact|damage",
            ("risk", "significant_harm", "serious_harm", "financial_harm", "significant_incident"),
        ),
        (r"malicious", ("improper_purpose",)),
        (r"across borders", ("countries",)),
        (r"affected systems|technical|indicators", ("bytes_out", "countries")),
        (r"material", ("material",)),
        (r"grade", ("cn_severity",)),
    )
)
"""An item may be of several topics. What is of none is written by people."""


def facts_for(item: str) -> tuple[str, ...]:
    """The facts that answer an item, in the order of the topics; none where people must write it."""
    if _BY_PEOPLE.search(item):
        return ()
    found: dict[str, None] = {}
    for pattern, facts in TOPICS:
        if pattern.search(item):
            found.update(dict.fromkeys(facts))
    return tuple(name for name in found if name in FACTS)
