"""What a sentence `FROM -> TO : SERVICES` means, checked against the inventory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sekisho.inventory.register import Inventory
from sekisho.model.rules import Selector
from sekisho.model.services import PortRange
from sekisho.policy.language import Slip, Word, read_sentence
from sekisho.policy.selectors import read_selector
from sekisho.policy.services import read_services

Parts = tuple[tuple[Selector, ...], tuple[Selector, ...], tuple[PortRange, ...], str]
"""Sources, destinations, services, and the services as written."""


def read_parts(
    text: str, inventory: Inventory, services: Mapping[str, tuple[PortRange, ...]]
) -> tuple[Parts | None, tuple[Slip, ...]]:
    """The sentence's parts, or None and what is wrong with it. `services` are the register's own names."""
    sentence, slips = read_sentence(text)
    found = list(slips)
    parts: Parts | None = None
    if sentence is not None:
        sources = _selectors(sentence.sources, inventory, found)
        destinations = _selectors(sentence.destinations, inventory, found)
        ranges, more = read_services(sentence.services, services)
        found.extend(more)
        parts = sources, destinations, ranges, ", ".join(word.text for word in sentence.services)
    return (None if found else parts), tuple(found)


def _selectors(words: Sequence[Word], inventory: Inventory, slips: list[Slip]) -> tuple[Selector, ...]:
    found: list[Selector] = []
    for word in words:
        selector = read_selector(word, inventory)
        if isinstance(selector, Slip):
            slips.append(selector)
        else:
            found.append(selector)
    return tuple(dict.fromkeys(found))
