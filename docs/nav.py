"""The navigation, from the pages that exist: a fixed order of rooms, in each the order of names."""

from __future__ import annotations

from pathlib import Path
from typing import Any

FIRST = ("index.md", "install.md", "tutorial.md")
ROOMS = (("how-to", "How to"), ("reference", "Reference"), ("checks", "Checks"))
LAST = ("architecture.md", "case-study.md")
RECORDS = (("decisions", "Decisions"),)


def on_config(config: Any) -> Any:
    """Called by MkDocs before it reads the pages; an explicit `nav` in mkdocs.yml stands."""
    if config.nav is None:
        config.nav = navigation(Path(config.docs_dir))
    return config


def navigation(docs: Path) -> list[Any]:
    """Known pages and rooms in order, then whatever else there is."""
    nav: list[Any] = [name for name in FIRST if (docs / name).is_file()]
    nav += [room for entry in ROOMS if (room := _room(docs, *entry))]
    nav += [name for name in LAST if (docs / name).is_file()]
    named = {entry[0] for entry in (*ROOMS, *RECORDS)}
    nav += [p.name for p in sorted(docs.glob("*.md")) if p.name not in (*FIRST, *LAST)]
    for folder in sorted(p for p in docs.iterdir() if p.is_dir() and p.name not in named):
        if room := _room(docs, folder.name, folder.name.replace("-", " ").capitalize()):
            nav.append(room)
    nav += [room for entry in RECORDS if (room := _room(docs, *entry))]
    return nav


def _room(docs: Path, folder: str, title: str) -> dict[str, list[Any]]:
    """One folder and those below it; its index first, the rest in the order of their names."""
    pages = sorted((docs / folder).glob("*.md"), key=lambda page: (page.name != "index.md", page.name))
    entries: list[Any] = [page.relative_to(docs).as_posix() for page in pages]
    below = sorted(p for p in (docs / folder).glob("*") if p.is_dir())
    rooms = [_room(docs, room.relative_to(docs).as_posix(), room.name.capitalize()) for room in below]
    entries += [room for room in rooms if room]
    return {title: entries} if entries else {}
