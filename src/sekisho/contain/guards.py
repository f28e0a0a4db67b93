"""What a plan may not cut: the paths by which gateways are told and heard, and what must never be cut."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from sekisho.contain.points import Gateway, Path, Points
from sekisho.contain.regions import Atlas
from sekisho.contain.severing import Cut, Severed

GuardKind = Literal["management", "logs", "gateway", "never_cut"]


@dataclass(frozen=True, slots=True)
class Breach:
    """One thing that a restriction would cut and must not. `what` is the sentence, `by` the cut."""

    kind: GuardKind
    name: str
    what: str
    by: str
    mend: str

    def __str__(self) -> str:
        match self.kind:
            case "management":
                return f"{self.by} would cut how {self.name} is managed: {self.what}"
            case "logs":
                return f"{self.by} would cut where {self.name} logs to: {self.what}"
            case "gateway":
                return f"{self.by} would cut off the gateway {self.name} itself ({self.what})"
            case _:
                return f"{self.by} would cut {self.name}, which must not be cut: {self.what}"


def breaches(
    severed: Severed, points: Points, gateways: Iterable[Gateway], atlas: Atlas
) -> Iterator[Breach]:
    """Every guarded path that the restriction would cut, those that it overrides by name left out.

    How gateways are managed and where they log to cannot be overridden, only kept open by a rule.
    """
    for gateway in gateways:
        for kind, paths in (("management", gateway.management), ("logs", gateway.logs)):
            for path in paths:
                cut = severed.cuts_path(path, atlas)
                if cut is not None:
                    yield Breach(
                        "management" if kind == "management" else "logs",
                        gateway.name,
                        path.text,
                        cut.what,
                        _mend(cut, path, kind, atlas),
                    )
        if gateway.management:
            continue
        for cut in severed.cuts:
            if cut.whole and cut.near.holds(gateway.realm, gateway.address):
                yield Breach(
                    "gateway",
                    gateway.name,
                    str(gateway.address),
                    cut.what,
                    "write in gateways.yaml from where it is managed, or sever less",
                )
    for name, path in points.never_cut.items():
        cut = severed.cuts_path(path, atlas)
        if cut is not None and name not in severed.restriction.override:
            yield Breach(
                "never_cut",
                name,
                path.text,
                cut.what,
                f"keep it open: --allow RULE, or cut it knowingly: --override {name}",
            )


def _mend(cut: Cut, path: Path, kind: str, atlas: Atlas) -> str:
    """How the path is kept: a rule, or, where the cut takes some of its sources alone, fewer of them."""
    mend = "keep it open: --allow RULE, for a rule of the register that permits it"
    sources, destinations = atlas.all_selected(path.sources), atlas.all_selected(path.destinations)
    if any(
        sources.within(begin) and destinations.touches(end)
        for begin, end in cut.ways()
        if sources.touches(begin)
    ):
        return mend
    return f"{mend}; or leave what is severed out of its `{kind}` in gateways.yaml"


def overridden(severed: Severed, points: Points, atlas: Atlas) -> Iterator[tuple[str, str]]:
    """(name, sentence) of what is cut although gateways.yaml says that it must not, or needs it."""
    for name in severed.restriction.override:
        path = points.never_cut.get(name) or points.lifelines.get(name)
        if path is not None and severed.cuts_path(path, atlas) is not None:
            yield name, path.text
