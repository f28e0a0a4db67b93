"""What a plan may not cut: the paths by which gateways are told and heard, and what must never be cut."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from sekisho.contain.points import Gateway, Points
from sekisho.contain.regions import Atlas
from sekisho.contain.severing import Severed

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
                        "keep it open: --allow RULE, for a rule of the register that permits it",
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


def overridden(severed: Severed, points: Points, atlas: Atlas) -> Iterator[tuple[str, str]]:
    """(name, sentence) of what is cut although gateways.yaml says that it must not, or needs it."""
    for name in severed.restriction.override:
        path = points.never_cut.get(name) or points.lifelines.get(name)
        if path is not None and severed.cuts_path(path, atlas) is not None:
            yield name, path.text
