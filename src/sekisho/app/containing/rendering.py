"""Write the text of a plan for every gateway into a folder, for review or for whoever applies it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sekisho.app.containing.grounds import ground, plan_asked_for, restriction_of
from sekisho.app.containing.planning import refuse
from sekisho.app.containing.plans import current
from sekisho.app.decisions import open_decisions
from sekisho.app.workspace import Workspace
from sekisho.app.writing import whole
from sekisho.contain.backends.base import CannotExpress, Rendered
from sekisho.contain.proposal import propose
from sekisho.errors import RequestError


@dataclass(frozen=True, slots=True)
class Written:
    """What was written: the files by gateway, and notes on them."""

    plan: str
    hash: str
    files: dict[str, Path]
    notes: tuple[str, ...] = ()


def render(workspace: Workspace, asked: str, out: Path, *, now: datetime, by: str) -> Written:
    """One file a gateway, named after it, as the plan would be told now beside those in force.

    Raises CannotExpress, and writes nothing, where a platform has no words for it; Refused where it
    would cut what must not be cut.
    """
    with open_decisions(workspace) as decisions:
        store = decisions.state.plans()
        plan = plan_asked_for(store, asked)
        seen = current(store, plan.id).hash
        on = ground(workspace, decisions, now=now, by=by, without=plan.id)
    proposal = propose(plan.id, restriction_of(plan.body["restriction"]), on)
    refuse(proposal)
    cannot = [
        f"{one.gateway.name} ({one.gateway.platform}): {one.why}"
        for one in proposal.told
        if not one.rendered
    ]
    if cannot:
        raise CannotExpress("\n".join(cannot), "nothing was written")
    rendered = [one.rendered for one in proposal.told if one.rendered]
    files = write_out(out, rendered)
    notes = [f"{one.gateway}: {note}" for one in rendered for note in one.notes]
    if proposal.hash != seen:
        notes.append(
            "the register, gateways.yaml or another plan changed since it was seen: preview it again"
        )
    return Written(plan.id, proposal.hash, files, tuple(notes))


def write_out(out: Path, rendered: Iterable[Rendered], stem: str = "") -> dict[str, Path]:
    """Write each text into a folder, as GATEWAY or GATEWAY.STEM; the files by gateway, without
    those for other tools."""
    texts: dict[Path, str] = {}
    files: dict[str, Path] = {}
    for one in rendered:
        for suffix, text in (*one.others, (one.suffix, one.text)):
            path = out / f"{one.gateway}{'.' * bool(stem)}{stem}{suffix}"
            texts[path] = text
            files[one.gateway] = path
    write_texts(out, texts)
    return files


def write_texts(out: Path, texts: Mapping[Path, str]) -> None:
    """Write files below the folder `out`, each whole or not at all. Raises RequestError."""
    try:
        out.mkdir(parents=True, exist_ok=True)
        for path, text in texts.items():
            path.parent.mkdir(exist_ok=True)
            with whole(path) as part:
                part.write_text(text, encoding="utf-8")
    except OSError as error:
        raise RequestError(f"cannot write to {out}: {error.strerror or error}") from error
