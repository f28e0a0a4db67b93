"""What no obligation here speaks of: where people or sites are and no law is kept, and kinds of data that none
asks for. That nothing is due there is not said."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from sekisho.notify.obligation import Obligation
from sekisho.notify.vocabulary import DATA, SETS, Value

MOST = 10


def uncovered(obligations: Sequence[Obligation], values: Mapping[str, Value]) -> Iterator[str]:
    """A sentence for places of the facts without any law here, and for kinds of data that no law knows."""
    if places := _places(obligations, values):
        yield (
            f"no law of {_some(places)} is kept here, so whether anything is due there is not said: ask"
            " counsel; a law can be added in obligations/"
        )
    if kinds := _kinds(obligations, values):
        yield (
            f"no obligation asks for data of the kind {_some(kinds)}, so it changes nothing: those asked for"
            f" are {', '.join(DATA)}"
        )


def _places(obligations: Sequence[Obligation], values: Mapping[str, Value]) -> list[str]:
    countries = values.get("countries")
    said = set(countries) if isinstance(countries, frozenset) else set()
    said |= {
        name.partition(".")[2]
        for name, value in values.items()
        if name.startswith("people.") and value != 0
    }
    held = {one.shape.jurisdiction for one in obligations if one.shape.enabled}
    for name in held & set(SETS):
        held = held | SETS[name]
    if "EU" in held:
        # The Union's law of personal data is that of the whole Economic Area.
        held = held | SETS["EEA"]
    return sorted(place for place in said - held if not _of_its_country(place, held))


def _of_its_country(place: str, held: set[str]) -> bool:
    """Whether a part of a country is under the country's own law: where no other part has one."""
    country, mark, _ = place.partition("-")
    parts = any(one.startswith(f"{country}-") for one in held)
    return bool(mark) and country in held and not parts


def _kinds(obligations: Sequence[Obligation], values: Mapping[str, Value]) -> list[str]:
    data = values.get("data")
    said = set(data) if isinstance(data, frozenset) else set()
    texts = [one.shape.model_dump_json() for one in obligations if one.own]
    return sorted(word for word in said - set(DATA) if not any(f"'{word}'" in text for text in texts))


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - MOST} more" if len(names) > MOST else ""
    return ", ".join(names[:MOST]) + more
