"""Where things lie in a lake, and the steps that make a file survive a power cut."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

VERSION = 1
"""Of the lake's layout; a program refuses a lake with a greater one."""

OWN_FILE = re.compile(r"[0-9a-f]{12}-[0-9a-z-]{1,40}\.parquet")
"""Names this package gives; a sweep removes nothing else."""


@dataclass(frozen=True, slots=True)
class Layout:
    """The folders of one lake."""

    root: Path

    @property
    def version(self) -> Path:
        """A text file with the version number."""
        return self.root / "VERSION"

    @property
    def manifest(self) -> Path:
        """The SQLite file that says what counts."""
        return self.root / "manifest.db"

    @property
    def flows(self) -> Path:
        """Raw flows, one folder a UTC day."""
        return self.root / "flows"

    @property
    def rollups(self) -> Path:
        """Connection-days, one folder a UTC day."""
        return self.root / "rollups"

    @property
    def months(self) -> Path:
        """Connection-months, one folder a UTC month."""
        return self.root / "months"

    @property
    def names(self) -> Path:
        """Names, hashes and fingerprints, one folder a UTC day."""
        return self.root / "names"

    @property
    def logons(self) -> Path:
        """Logons, one folder a UTC day."""
        return self.root / "logons"

    @property
    def events(self) -> Path:
        """Events of terminals' own logs, one folder a UTC day on which they came."""
        return self.root / "events"

    @property
    def results(self) -> Path:
        """What osquery answered, one folder a UTC day; which files count stands in the state."""
        return self.root / "results"

    @property
    def rejects(self) -> Path:
        """Lines that could not be read."""
        return self.root / "rejects"

    @property
    def staging(self) -> Path:
        """What does not count yet, and the engine's temporary files."""
        return self.root / "staging"

    def folders(self) -> tuple[Path, ...]:
        """All folders."""
        beside = self.names, self.logons, self.events
        return self.flows, self.rollups, self.months, *beside, self.rejects, self.staging

    def make(self) -> None:
        """Make the folders that are missing: archives and copies often leave out empty ones."""
        for folder in self.folders():
            if not folder.is_dir():
                make_folder(folder, self.root)

    def absolute(self, path: str) -> Path:
        """The file of a path as the manifest has it, relative to the root."""
        return self.root / path


def day_folder(day: date) -> str:
    """The partition's folder name."""
    return f"day={day.isoformat()}"


def new_run() -> str:
    """A name for one run of a writer or a rebuild."""
    return uuid.uuid4().hex[:12]


def sync_file(path: Path) -> None:
    """Force a file's content to disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_folders(folders: Iterable[Path]) -> None:
    """Force names in folders to disk, each folder once."""
    for folder in sorted(set(folders)):
        sync_file(folder)


def make_folder(path: Path, root: Path) -> None:
    """Make a folder below `root`, its owner's alone, so that it survives a power cut."""
    if path.is_dir():
        return
    make_folder(path.parent, root)
    path.mkdir(mode=0o700, exist_ok=True)
    sync_file(path.parent)


def remove_tree(path: Path) -> None:
    """Remove a folder and what is in it; what is gone already is gone."""
    shutil.rmtree(path, ignore_errors=True)


def remove_file(path: Path) -> None:
    """Remove a file; what is gone already is gone."""
    with contextlib.suppress(FileNotFoundError):
        path.unlink()
