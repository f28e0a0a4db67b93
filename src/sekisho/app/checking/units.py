"""What is read as one: a file, or all the files that were copied from one machine."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from sekisho.errors import RequestError
from sekisho.fleet.collections.base import Collection
from sekisho.fleet.collections.kape import root_of
from sekisho.fleet.collections.members import BROKEN, of_folder

MOST_FILES = 200_000


@dataclass(frozen=True, slots=True)
class Unit:
    """A file; or, where it is a `tree`, a folder that holds one machine's files."""

    path: Path
    tree: bool = False

    @property
    def holds_files(self) -> bool:
        """Whether there are files of a machine in it, as far as its name says."""
        return self.tree or self.path.suffix.lower() == ".zip"

    def sha256(self, host: str = "") -> str:
        """The hash of its content, and of whose a person says that it is. Raises RequestError."""
        if not self.tree:
            content = _hash(self.path)
            return content if not host else hashlib.sha256(f"{content}\x1f{host}".encode()).hexdigest()
        whole = hashlib.sha256(host.encode())
        with of_folder(self.path, Collection()) as members:
            for member in members:
                one = hashlib.sha256()
                try:
                    for block in member.blocks():
                        one.update(block)
                except BROKEN:
                    # It is set aside when it is read.
                    continue
                whole.update(f"{member.name}\x1f{one.hexdigest()}\x1e".encode("utf-8", "replace"))
        return whole.hexdigest()


def units_of(places: Sequence[Path], host: str = "") -> Iterator[Unit]:
    """The units of files and folders that a person named. Raises RequestError for what is not there.

    A folder below which a machine's drive lies (`PC1/C/Windows`) is one; with `host` every place is.
    """
    count = 0
    for place in places:
        if not place.exists():
            raise RequestError(f"{place} is not there")
        if host and place.is_dir():
            yield Unit(place, tree=True)
            continue
        # A link in a folder may lead anywhere: what a person named is followed, what lies in it is not.
        files = (
            sorted(p for p in place.rglob("*") if p.is_file() and not p.is_symlink())
            if place.is_dir()
            else [place]
        )
        roots = _roots(place, files) if place.is_dir() else []
        for root in roots:
            yield Unit(root, tree=True)
        for path in files:
            if any(path.is_relative_to(root) for root in roots):
                continue
            count += 1
            if count > MOST_FILES:
                raise RequestError(f"more than {MOST_FILES:,} files", "import them in parts")
            yield Unit(path)


def _roots(place: Path, files: Sequence[Path]) -> list[Path]:
    found = {
        place / root
        for path in files
        if (root := root_of(path.relative_to(place).as_posix())) is not None
    }
    return sorted(
        root for root in found if not any(root != o and root.is_relative_to(o) for o in found)
    )


def _hash(path: Path) -> str:
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise RequestError(f"cannot read {path}: {error.strerror}") from error
