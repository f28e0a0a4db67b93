"""What is doubtful in an obligation that can be read. Each is a warning with its place."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from types import MappingProxyType

from sekisho.errors import Problem
from sekisho.inventory.countries import COUNTRIES
from sekisho.inventory.documents import read_document
from sekisho.notify.deadlines import read_period
from sekisho.notify.language import Expression, words_of
from sekisho.notify.obligation import Obligation
from sekisho.notify.vocabulary import DATA

STALE_DAYS = 365
_PLACE = re.compile(r"[A-Z]{2}(-[A-Z0-9]{1,3})?")
Lint = Callable[[Obligation, date], list[tuple[tuple[str | int, ...], str, str]]]


def _unread(one: Obligation, _today: date) -> list[tuple[tuple[str | int, ...], str, str]]:
    """`confirmed` without a source whose `text` is `law`."""
    confirmed = "confirmed" in {
        one.shape.confidence,
        *(stage.confidence for stage in one.stages.values()),
    }
    if not confirmed or any(source.text == "law" for source in one.shape.sources):
        return []
    return [
        (
            ("confidence",),
            "nothing says where the text of the law was read",
            "add a source with `text: law`, or write `secondary`",
        )
    ]


def _stale(one: Obligation, today: date) -> list[tuple[tuple[str | int, ...], str, str]]:
    """Written down more than a year ago."""
    age = (today - one.shape.as_of).days
    if age <= STALE_DAYS:
        return []
    return [(("as_of",), f"written down {age} days ago", "read the law again, and set `as_of`")]


def _calendar(one: Obligation, _today: date) -> list[tuple[tuple[str | int, ...], str, str]]:
    """Business days without holidays."""
    if one.shape.holidays:
        return []
    return [
        (
            ("stages", name, "due"),
            "business days are counted without holidays: weekends alone are left out",
            "add `holidays: JP`",
        )
        for name, stage in one.stages.items()
        for due in (stage.shape.due, *(other.due for other in stage.shape.due_if))
        if (period := read_period(due)) is not None and period.unit == "business days"
    ]


def _contents(one: Obligation, _today: date) -> list[tuple[tuple[str | int, ...], str, str]]:
    """A stage that does not say what must be in it."""
    return [
        (("stages", name), f"{name} does not say what it must contain", "add `needs:`")
        for name, stage in one.stages.items()
        if not stage.shape.needs and stage.shape.kind != "assessment"
    ]


def _place(one: Obligation, _today: date) -> list[tuple[tuple[str | int, ...], str, str]]:
    """A jurisdiction that looks like a country, and is none."""
    place = one.shape.jurisdiction
    if not _PLACE.fullmatch(place) or place == "EU" or place.partition("-")[0] in COUNTRIES:
        return []
    return [
        (
            ("jurisdiction",),
            f"no country {place} is known, so nothing can be recorded of it alone",
            "write two letters of ISO 3166, or in words whom you owe it",
        )
    ]


def _data(one: Obligation, _today: date) -> list[tuple[tuple[str | int, ...], str, str]]:
    """A kind of data that nothing here knows: it holds only where somebody records that very word."""
    conditions: list[tuple[tuple[str | int, ...], Expression]] = [
        (("applies",), one.applies),
        (("trigger",), one.trigger),
        *((("exceptions", n, "when"), when) for n, (when, _) in enumerate(one.exceptions)),
        *((("stages", name, "when"), stage.when) for name, stage in one.stages.items()),
    ]
    return [
        (at, f"`{word}` is no kind of data that is known here", f"kinds: {', '.join(sorted(DATA))}")
        for at, expression in conditions
        for word in sorted(words_of(expression, "data") - set(DATA))
    ]


LINTS: Mapping[str, Lint] = MappingProxyType(
    {
        "unread": _unread,
        "stale": _stale,
        "calendar": _calendar,
        "contents": _contents,
        "place": _place,
        "data": _data,
    }
)


def linted(one: Obligation, content: bytes, today: date) -> list[Problem]:
    """Every warning about one obligation; `content` is its file."""
    document, _ = read_document(one.file, content)
    return [
        Problem(one.file, *document.place(at), f"obligation/{name}", message, mend, "warning")
        for name, lint in LINTS.items()
        for at, message, mend in lint(one, today)
    ]
