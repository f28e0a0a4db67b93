"""restore.yaml: what the gates of a restoration ask for, in general and of single links."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from sekisho.contain.targets import link_end
from sekisho.errors import RequestError
from sekisho.inventory.documents import read_document
from sekisho.inventory.located import Problems, shaped
from sekisho.inventory.register import Inventory
from sekisho.model.rules import Selector
from sekisho.restore.places import Pair
from sekisho.restore.shapes import GatesShape, RestoreFile

FILE = "restore.yaml"
DAYS, COVERAGE = 30, 95.0


@dataclass(frozen=True, slots=True)
class Demands:
    """`days` quiet UTC days, each with at least `coverage` percent of its hours recorded at both ends."""

    days: int = DAYS
    coverage: float = COVERAGE

    def plain(self) -> dict[str, Any]:
        """As JSON holds them."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class RestoreRules:
    """All of restore.yaml. A link's own demands go before the general ones."""

    general: Demands = field(default_factory=Demands)
    links: Mapping[Pair, Demands] = field(default_factory=dict)

    def of(self, pairs: Iterable[Pair]) -> Demands:
        """What is asked of a stage with these links: the most that any of them asks."""
        found = [self.links.get(pair, self.general) for pair in pairs] or [self.general]
        return Demands(max(one.days for one in found), max(one.coverage for one in found))


def parse_rules(content: bytes, inventory: Inventory) -> RestoreRules:
    """What the file says. Raises FileProblems with everything that is wrong in it."""
    problems = Problems()
    document, found = read_document(FILE, content, ())
    problems.extend(found)
    data = document.root.plain() if document.root is not None else None
    shape = shaped(RestoreFile, document, (), data or {}, FILE, problems)
    if shape is None:
        problems.check()
        raise AssertionError("a shape that could not be read has a problem")
    general = _demands(Demands(), shape.gates)
    links: dict[Pair, Demands] = {}
    for text, gates in shape.links.items():
        try:
            for pair in _link(text, inventory):
                links[pair] = _demands(general, gates)
        except RequestError as error:
            place = document.place(("links", text), key=True)
            problems.add(FILE, place, "restore/link", str(error), error.mend)
    problems.check()
    return RestoreRules(general, links)


def _demands(general: Demands, gates: GatesShape) -> Demands:
    quiet = gates.quiet
    if quiet is None:
        return general
    return Demands(
        general.days if quiet.days is None else quiet.days,
        general.coverage if quiet.coverage is None else quiet.coverage,
    )


def _link(text: str, inventory: Inventory) -> list[Pair]:
    near, arrow, far = text.partition("<->")
    if not arrow or not near.strip() or not far.strip():
        raise RequestError(f"`{text[:80]}` is no link", "write it as `th-plant <-> jp-hq`")
    ends = [[_place(one, text, inventory) for one in link_end(side, inventory)] for side in (near, far)]
    every = [tuple(inventory.sites), tuple(inventory.sites)]
    sides = [
        [name for one in side for name in (every[n] if one == "*" else (one,))]
        for n, side in enumerate(ends)
    ]
    return [frozenset((a, b)) for a in sides[0] for b in sides[1] if a != b]


def _place(selector: Selector, text: str, inventory: Inventory) -> str:
    match selector.kind:
        case "site":
            return selector.value
        case "any":
            return "*"
        case "zone" | "internet":
            return str(selector)
    raise RequestError(f"`{text[:80]}` names a part of a site", "name its sites")
