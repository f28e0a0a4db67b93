"""What is doubtful in an obligation that can be read. Each is a warning with its place."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from types import MappingProxyType

from sekisho.errors import Problem
from sekisho.inventory.documents import read_document
from sekisho.notify.deadlines import read_period
from sekisho.notify.obligation import Obligation

STALE_DAYS = 365
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


LINTS: Mapping[str, Lint] = MappingProxyType(
    {"unread": _unread, "stale": _stale, "calendar": _calendar, "contents": _contents}
)


def linted(one: Obligation, content: bytes, today: date) -> list[Problem]:
    """Every warning about one obligation; `content` is its file."""
    document, _ = read_document(one.file, content)
    return [
        Problem(one.file, *document.place(at), f"obligation/{name}", message, mend, "warning")
        for name, lint in LINTS.items()
        for at, message, mend in lint(one, today)
    ]
