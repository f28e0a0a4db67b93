"""Connections of one service between two sites as few rules that reach no further than was seen."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

from sekisho.model.rules import Selector
from sekisho.policy.ends import Ends, Use
from sekisho.policy.judge import End
from sekisho.policy.observed import Observed

Side = tuple[Selector, ...]
Port = tuple[int, int]
"""(protocol, port)."""
MAX_SELECTORS = 100
"""Selectors on one side of a rule; more make several rules."""
MAX_PORTS = 300
MAX_TEXT = 5_000
"""Characters of one side of a rule."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A rule's ends and ports, and the connections that it comes from."""

    sources: tuple[Use, ...]
    destinations: tuple[Use, ...]
    ports: tuple[Port, ...]
    covered: tuple[Observed, ...]


def drafts(connections: Sequence[Observed], ends: Ends) -> Iterable[Draft]:
    """Destinations first, then the sources of each; selectors that share everything go together, so
    that no pair of selectors stands in a rule that was not seen with all of its ports."""
    least: dict[Selector, Use] = {}
    to = _chosen(ends, [c.destination for c in connections], least)
    reached: dict[Selector, list[Observed]] = defaultdict(list)
    for connection in connections:
        reached[to[connection.destination]].append(connection)
    cells: dict[tuple[Selector, Selector], list[Observed]] = defaultdict(list)
    for destination, found in reached.items():
        sources = _chosen(ends, [c.source for c in found], least)
        for connection in found:
            cells[sources[connection.source], destination].append(connection)
    for sides, ports in _together(cells):
        for some in _chunks(sides[0]):
            for others in _chunks(sides[1]):
                for start in range(0, len(ports), MAX_PORTS):
                    part = ports[start : start + MAX_PORTS]
                    wanted = set(part)
                    covered = tuple(
                        connection
                        for pair in product(some, others)
                        for connection in cells[pair]
                        if (connection.protocol, connection.port) in wanted
                    )
                    yield Draft(
                        tuple(least[s] for s in some), tuple(least[s] for s in others), part, covered
                    )


def _chosen(ends: Ends, wanted: Iterable[End], least: dict[Selector, Use]) -> dict[End, Selector]:
    """The selector of each end. `least` keeps the use of each selector of which least was seen."""
    chosen = ends.choose(wanted)
    for use in chosen.values():
        known = least.setdefault(use.selector, use)
        if use.seen < known.seen:
            least[use.selector] = use
    return {end: use.selector for end, use in chosen.items()}


def _together(
    cells: Mapping[tuple[Selector, Selector], Sequence[Observed]],
) -> list[tuple[tuple[Side, Side], tuple[Port, ...]]]:
    """Pairs of selectors with the same ports, as sources by destinations, in a fixed order."""
    by_source: dict[tuple[Selector, tuple[Port, ...]], set[Selector]] = defaultdict(set)
    for (source, destination), found in cells.items():
        ports = tuple(sorted({(c.protocol, c.port) for c in found}))
        by_source[source, ports].add(destination)
    alike: dict[tuple[Side, tuple[Port, ...]], set[Selector]] = defaultdict(set)
    for (source, ports), destinations in by_source.items():
        alike[_side(destinations), ports].add(source)
    result = [((_side(sources), to), ports) for (to, ports), sources in alike.items()]
    return sorted(result, key=lambda item: ([*map(str, item[0][0])], [*map(str, item[0][1])], item[1]))


def _side(selectors: Iterable[Selector]) -> Side:
    return tuple(sorted(selectors, key=str))


def _chunks(side: Side) -> Iterable[Side]:
    chunk: list[Selector] = []
    length = 0
    for selector in side:
        size = len(str(selector)) + 2
        if chunk and (len(chunk) == MAX_SELECTORS or length + size > MAX_TEXT):
            yield tuple(chunk)
            chunk, length = [], 0
        chunk.append(selector)
        length += size
    yield tuple(chunk)
