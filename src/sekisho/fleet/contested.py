"""Machines that pass for one another: several osqueries that are there at one time under one identity.

Who knows an enrolment secret may claim any hardware UUID, and machines cloned from one image share theirs. A
machine that was renamed or set up anew is no such thing: what it was called before is not heard any more.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from heapq import nlargest
from itertools import combinations

from sekisho.fleet.identity import name_key, serial_key, uuid_key
from sekisho.model.nodes import Node, Refusal

MEANWHILE = timedelta(minutes=2)
"""Heard so long after another came in its place, a node is still there."""
_MOST_NAMES, _MOST_PAIRS = 20, 100_000
"""Names under one key, and pairs of nodes, that are compared; more count as there at one time whenever each
was."""
_MOST_NODES = 100
"""Nodes of one terminal that are compared, those that were heard last: an osquery may call itself anew at each
start."""

Contested = Mapping[tuple[str, str], frozenset[str]]
"""By `uuid` or `serial` and its value: the names that were there under it at one time."""
NOTHING: Contested = {}


def together(one: Node, other: Node) -> bool:
    """Whether both were there at one time."""
    in_order = (one.first, one.id) <= (other.first, other.id)
    earlier, later = (one, other) if in_order else (other, one)
    came_back = earlier.enrolled > later.seen
    return not came_back and earlier.seen - later.first > MEANWHILE


def contested(nodes: Iterable[Node]) -> Contested:
    """The keys under which machines of different names are there at one time: they tell none of them apart."""
    held: dict[tuple[str, str], list[Node]] = defaultdict(list)
    for node in nodes:
        for key, value in (("uuid", uuid_key(node.who.uuid)), ("serial", serial_key(node.who.serial))):
            if value:
                held[key, value].append(node)
    found: dict[tuple[str, str], frozenset[str]] = {}
    for place, own in held.items():
        if len(own) < 2:
            continue
        by_name: dict[str, list[Node]] = defaultdict(list)
        for node in own:
            by_name[name_key(node.who.hostname)[0]].append(node)
        if names := _at_once(by_name):
            found[place] = names
    return found


def _at_once(by_name: Mapping[str, Sequence[Node]]) -> frozenset[str]:
    counts = [len(own) for own in by_name.values()]
    pairs = (sum(counts) ** 2 - sum(count * count for count in counts)) // 2
    if len(by_name) > _MOST_NAMES or pairs > _MOST_PAIRS:
        return frozenset(by_name)
    return frozenset(
        name
        for pair in combinations(by_name, 2)
        if any(together(a, b) for a in by_name[pair[0]] for b in by_name[pair[1]])
        for name in pair
    )


def impostors(nodes: Iterable[Node], uuid: str) -> frozenset[int]:
    """Of nodes of a terminal with this hardware UUID those that bear its name alone, while one that shows the
    UUID is there: anybody may call himself so."""
    own = list(nodes)
    known = uuid_key(uuid)
    shown = [node for node in own if known and uuid_key(node.who.uuid) == known]
    claiming = [node for node in own if not uuid_key(node.who.uuid)]
    too_many = len(shown) * len(claiming) > _MOST_PAIRS
    return frozenset(
        node.id for node in claiming if too_many or any(together(node, other) for other in shown)
    )


def doubted(nodes: Sequence[Node], refused: Iterable[Refusal]) -> tuple[datetime, str] | None:
    """Since when last it is not known which machine answers as a terminal, and why; None where one does.

    `nodes` are those of the terminal, `refused` what was refused of them.
    """
    signs = [
        (one.last, "a key of it was used after another had replaced it")
        for one in refused
        if one.reason == "old_key"
    ]
    last = nlargest(_MOST_NODES, nodes, key=lambda node: node.seen)
    ordered = sorted(last, key=lambda node: node.id)
    signs += [
        (min(a.seen, b.seen), f"{_named(a)} and {_named(b)} were there at one time")
        for a, b in combinations(ordered, 2)
        if together(a, b)
    ]
    return max(signs, default=None)


def _named(node: Node) -> str:
    return f"{node.who.hostname or node.identifier} (node {node.id})"
