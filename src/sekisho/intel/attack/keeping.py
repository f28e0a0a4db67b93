"""Versions of ATT&CK that a feed had: each stays, so that a new one can be compared with it."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path

from pydantic import ValidationError

from sekisho.errors import IntegrityError
from sekisho.intel.attack.catalogue import Catalogue
from sekisho.store.layout import sync_file

MOST = 12
"""Versions that are kept; MITRE publishes two a year."""
_NAME = re.compile(r"attack-(?P<version>\d{1,4}(?:\.\d{1,4}){0,2})\.json")


def order(version: str) -> tuple[int, ...]:
    """By which versions stand in their order: 9.0 before 18.1."""
    return tuple(int(part) if part.isdecimal() else 0 for part in version.split("."))


class Versions:
    """The versions in a feed's folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def known(self) -> tuple[str, ...]:
        """Their numbers, the newest last."""
        if not self._folder.is_dir():
            return ()
        found = [
            match["version"] for one in self._folder.iterdir() if (match := _NAME.fullmatch(one.name))
        ]
        return tuple(sorted(found, key=order))

    def load(self, version: str) -> Catalogue:
        """One of them. Raises IntegrityError where its file is not what was written."""
        path = self._path(version)
        try:
            return Catalogue.model_validate_json(path.read_bytes())
        except (OSError, ValidationError) as error:
            raise IntegrityError(
                f"{path} cannot be read: {type(error).__name__}",
                "delete it and run `sekisho intel refresh`",
            ) from error

    def put(self, catalogue: Catalogue, now: datetime) -> bool:
        """Keep a version that came at a time (aware UTC), whole or not at all; one that was here keeps its own.
        False where it says the same as before."""
        path = self._path(catalogue.version)
        before = self.load(catalogue.version) if path.is_file() else None
        catalogue = catalogue.model_copy(update={"arrived": before.arrived if before else now})
        if before == catalogue:
            return False
        self._folder.mkdir(parents=True, exist_ok=True)
        part = path.with_name(f".{path.name}.part")
        part.write_text(catalogue.model_dump_json(), encoding="utf-8")
        sync_file(part)
        part.replace(path)
        sync_file(self._folder)
        for version in self.known()[:-MOST]:
            self._path(version).unlink(missing_ok=True)
        return True

    def _path(self, version: str) -> Path:
        name = f"attack-{version}.json"
        if not _NAME.fullmatch(name):
            raise IntegrityError(f"{version[:40]!r} is no version of ATT&CK's", "look at the bundle")
        return self._folder / name
