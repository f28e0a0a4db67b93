"""Every reader of folders, by the kind of feed that it is for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Protocol

from sekisho.intel.base import Aside
from sekisho.intel.entries import Entry
from sekisho.intel.folders.advisories import AdvisoryFolder
from sekisho.intel.folders.sigma import SigmaFolder


class FolderReader(Protocol):
    """Reads one sort of files."""

    @property
    def suffixes(self) -> tuple[str, ...]:
        """Of the files that it takes."""

    def read(self, path: Path) -> Iterable[Entry | Aside]:
        """What a folder, a zip of one or one file holds. Raises FeedError."""
        ...


FOLDERS: Mapping[str, FolderReader] = {"sigma": SigmaFolder(), "advisories": AdvisoryFolder()}
