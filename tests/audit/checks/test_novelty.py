from __future__ import annotations

from collections.abc import Callable

from sekisho.audit.base import Subject
from sekisho.audit.checks.novelty import NoveltyCheck

Make = Callable[..., Subject]


def points(found: Subject) -> int | None:
    factor = NoveltyCheck().weigh(found)
    return factor.points if factor else None


def test_what_was_seen_to_begin_is_new(subject: Make) -> None:
    factor = NoveltyCheck().weigh(subject(onset="observed"))
    assert factor is not None
    assert (factor.points, "2024-03-01 09:30 UTC" in factor.text) == (10, True)


def test_age_excuses_nothing_and_neither_does_it_add(subject: Make) -> None:
    assert points(subject(onset="on_or_before")) is None
    assert points(subject(onset="observed", established=0)) is None


def test_what_a_rule_once_allowed_is_not_called_new(subject: Make) -> None:
    assert points(subject(onset="observed", verdict="lapsed")) is None
