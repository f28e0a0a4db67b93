"""Facts that cannot all be true: what one says of another, whatever was recorded last."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from sekisho.model.notices import Clock
from sekisho.notify.vocabulary import Value, in_words

_ORDER = (
    ("occurred", "suspected"),
    ("occurred", "aware"),
    ("occurred", "discovered"),
    ("occurred", "determined_breach"),
    ("aware", "determined_notifiable"),
    ("aware", "material"),
    ("occurred", "ransom_paid_at"),
    ("aware", "resolved"),
)
"""Nothing is known, found, determined or ended before it happened, or before anybody knew of it."""
_NEVER: tuple[tuple[str, Value, str, Value], ...] = (
    ("personal_data", False, "acquired", True),
    ("personal_data", False, "serious_harm", True),
    ("personal_data", False, "significant_harm", True),
    ("internal_only", True, "acquired", True),
    ("risk", "unlikely", "serious_harm", True),
    ("risk", "unlikely", "significant_harm", True),
)


def conflicts(values: Mapping[str, Value]) -> Iterator[str]:
    """A sentence for each pair of facts that cannot both be true, times of single places included."""
    for first, second in _ORDER:
        for place in sorted({name.partition(".")[2] for name in values if _is(name, second)}):
            before = _of(values, first, place)
            after = values.get(f"{second}.{place}" if place else second)
            if isinstance(before, datetime) and isinstance(after, datetime) and after < before:
                name = f"{second}.{place}" if place else second
                yield f"{name} ({in_words(after)}) lies before {first} ({in_words(before)})"
    for one, is_, other, as_ in _NEVER:
        if values.get(one) == is_ and values.get(other) == as_:
            yield f"{one} is {in_words(is_)}, and {other} is {in_words(as_)}"
    yield from _counts(values)


def too_early(clocks: Iterable[Clock]) -> Iterator[str]:
    """A sentence for each thing that is said to be delivered before what its clock counts from."""
    for one in clocks:
        sent, started = one.delivered, one.started
        if sent is not None and started is not None and sent.at < started:
            yield (
                f"{one.obligation} {one.stage} was delivered {in_words(sent.at)}, before {one.anchor}"
                f" ({in_words(started)})"
            )


def _counts(values: Mapping[str, Value]) -> Iterator[str]:
    people = values.get("people")
    counted = isinstance(people, int) and not isinstance(people, bool)
    parts = {
        name: value
        for name, value in values.items()
        if name.startswith("people.") and isinstance(value, int)
    }
    if counted and isinstance(people, int):
        yield from (
            f"{name} ({value:,}) is more than people ({people:,})"
            for name, value in sorted(parts.items())
            if value > people
        )
    some = (counted and people != 0) or any(parts.values())
    if values.get("personal_data") is False and some:
        yield "personal_data is no, and people are counted"
    bytes_out = values.get("bytes_out")
    if values.get("internal_only") is True and isinstance(bytes_out, int) and bytes_out > 0:
        yield f"internal_only is yes, and bytes_out is {bytes_out:,}"


def _is(name: str, fact: str) -> bool:
    return name == fact or name.startswith(f"{fact}.")


def _of(values: Mapping[str, Value], fact: str, place: str) -> Value | None:
    """What is known of a place, else of the whole incident."""
    return values.get(f"{fact}.{place}", values.get(fact)) if place else values.get(fact)
