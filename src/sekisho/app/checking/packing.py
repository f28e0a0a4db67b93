"""The packs as a workspace can ask them."""

from __future__ import annotations

from sekisho.app.checking.asked import ready
from sekisho.app.workspace import Workspace
from sekisho.errors import RequestError
from sekisho.fleet.checks.registry import CHECKS
from sekisho.fleet.packs.reading import Pack, packs
from sekisho.model.fleet import PackItem, PacksDocument, PackStep


def listed(workspace: Workspace, only: str | None = None) -> PacksDocument:
    """Every pack, or one, with what stands in the way of each of its checks.

    Raises RequestError, FileProblems.
    """
    can = ready(workspace)
    chosen = packs().values() if only is None else (pack_of(only),)
    return PacksDocument(packs=tuple(_item(one, can) for one in chosen))


def pack_of(name: str) -> Pack:
    """The pack of that name. Raises RequestError."""
    found = packs().get(name)
    if found is None:
        raise RequestError(f"there is no pack {name[:60]!r}", f"there are {', '.join(packs())}")
    return found


def _item(pack: Pack, can: tuple[str, ...]) -> PackItem:
    steps = tuple(
        PackStep(
            check=step.check,
            why=step.why,
            by_osquery=bool(CHECKS[step.check].queries),
            ready=step.check in can,
        )
        for step in pack.steps
    )
    return PackItem(name=pack.name, title=pack.title, scenario=pack.scenario, why=pack.why, steps=steps)
