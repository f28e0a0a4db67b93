"""One file that holds a workspace whole: register, lake, what was received and does not count yet, ledger,
decisions and preserved evidence, each with its hash."""

from __future__ import annotations

import hashlib
import io
import json
import os
import sqlite3
import tarfile
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from filelock import FileLock

from sekisho import __version__
from sekisho.app.backup_collected import present, received
from sekisho.app.decisions import open_decisions
from sekisho.app.wiring import open_lake, read_inventory
from sekisho.app.workspace import Workspace
from sekisho.app.writing import whole_new
from sekisho.errors import RequestError
from sekisho.model.findings import rfc3339
from sekisho.sources.forwarding.received import DATABASE
from sekisho.store.layout import Layout

INDEX = "backup.json"
SCHEMA = "sekisho.backup/1"
_FILES = (
    "sekisho.toml",
    "sites.yaml",
    "assets.csv",
    "policy.yaml",
    "gateways.yaml",
    "restore.yaml",
    "intel.yaml",
    "data/.gitignore",
)
_FOLDERS = ("policy", "obligations")
ELSEWHERE = (
    "decisions and incidents are on the database server that [state] names, not in this file: back them "
    "up there, at the same time"
)

Step = Callable[[str, int, int | None], None]


@dataclass(frozen=True, slots=True)
class Backup:
    """What was written: the archive, how many files it holds, their bytes, and what may be missing."""

    path: Path
    files: int
    size: int
    notes: tuple[str, ...] = ()


def backup(workspace: Workspace, target: Path, *, now: datetime, step: Step | None = None) -> Backup:
    """Write the archive, whole or not at all. Nobody writes to the lake meanwhile; collectors go on receiving.

    Logs are not in it: the lake holds what was read of them. What collectors had received and sealed is,
    as far as it does not count yet or the centre does not have it. Raises RequestError where `target`
    exists or cannot be written.
    """
    tell = step or (lambda _what, _done, _all: None)
    index: dict[str, dict[str, str | int]] = {}
    with (
        whole_new(target) as part,
        ExitStack() as stack,
        tempfile.TemporaryDirectory(prefix="sekisho-backup-") as scratch,
    ):
        mappings, notes = _mappings(workspace)
        if workspace.state_url(os.environ) != workspace.state:
            notes = (*notes, ELSEWHERE)
        members = [*_members(workspace, Path(scratch), stack), *mappings.items()]
        collected = list(received(workspace))
        archive = stack.enter_context(tarfile.open(part, "w", format=tarfile.PAX_FORMAT))
        for done, (name, path) in enumerate(members):
            tell("backup", done, len(members))
            index[name] = _add(archive, name, path)
        for path in collected:
            if (here := present(path)) is not None:
                name = here.relative_to(workspace.root).as_posix()
                index[name] = _add(archive, name, here)
        document = {"schema": SCHEMA, "made": rfc3339(now), "version": __version__, "files": index}
        content = json.dumps(document, indent=1, sort_keys=True).encode()
        info = tarfile.TarInfo(INDEX)
        info.size, info.mode = len(content), 0o600
        archive.addfile(info, io.BytesIO(content))
    return Backup(target, len(index), sum(int(one["size"]) for one in index.values()), notes)


def _mappings(workspace: Workspace) -> tuple[dict[str, Path], tuple[str, ...]]:
    """The mapping files that sensors name, by their name in the archive, and what to say of them."""
    try:
        sensors = read_inventory(workspace).sensors.values()
    except RequestError:
        # A register that cannot be read is backed up as it stands.
        return {}, ("sites.yaml cannot be read: mapping files that its sensors name are not in it",)
    root = workspace.root.resolve()
    found: dict[str, Path] = {}
    for sensor in sensors:
        path = (root / sensor.mapping).resolve() if sensor.mapping else root
        if path.is_file() and path.is_relative_to(root):
            found[path.relative_to(root).as_posix()] = path
    return found, ()


def _members(workspace: Workspace, scratch: Path, stack: ExitStack) -> Iterator[tuple[str, Path]]:
    """(name in the archive, file) of all that belongs in it, held still until the stack closes."""
    for name in _FILES:
        if (workspace.root / name).is_file():
            yield name, workspace.root / name
    for folder in _FOLDERS:
        for path in sorted((workspace.root / folder).glob("*.y*ml")):
            if path.is_file():
                yield path.relative_to(workspace.root).as_posix(), path
    decisions = stack.enter_context(open_decisions(workspace))
    stack.enter_context(decisions.exclusive())
    for path in sorted(workspace.ledger.rglob("*")):
        if path.is_file() and path.suffix != ".lock":
            yield path.relative_to(workspace.root).as_posix(), path
    if workspace.fleet.is_dir():
        stack.enter_context(FileLock(workspace.fleet / "merging.lock"))
    if workspace.state_url(os.environ) == workspace.state:
        copy = scratch / "state.db"
        decisions.state.copy_to(copy)
        yield workspace.state.relative_to(workspace.root).as_posix(), copy
    if (workspace.fleet / "pepper").is_file():
        yield (
            (workspace.fleet / "pepper").relative_to(workspace.root).as_posix(),
            workspace.fleet / "pepper",
        )
    # After the state was copied: what it names is there, and what it does not name yet is swept where it is
    # restored.
    results = Layout(workspace.lake).results
    for lot in decisions.state.nodes().lots():
        if (results / lot.path).is_file():
            yield (results / lot.path).relative_to(workspace.root).as_posix(), results / lot.path
    # Copies never change once they have their names; what is still being written begins with a dot.
    for path in sorted(workspace.cases.rglob("[!.]*")):
        if path.is_file():
            yield path.relative_to(workspace.root).as_posix(), path
    if workspace.lake.is_dir():
        lake = stack.enter_context(open_lake(workspace, create=False))
        stack.enter_context(lake.still())
        base = workspace.lake.relative_to(workspace.root).as_posix()
        yield f"{base}/VERSION", lake.layout.version
        copy = scratch / "manifest.db"
        _copy_database(lake.layout.manifest, copy)
        yield f"{base}/manifest.db", copy
        for name in lake.counted():
            yield f"{base}/{name}", lake.layout.absolute(name)
    if (workspace.received / DATABASE).is_file():
        copy = scratch / DATABASE
        _copy_database(workspace.received / DATABASE, copy)
        yield (workspace.received / DATABASE).relative_to(workspace.root).as_posix(), copy


def _copy_database(source: Path, target: Path) -> None:
    with closing(sqlite3.connect(source)) as one, closing(sqlite3.connect(target)) as other:
        one.backup(other)
        # The copy travels alone: no write-ahead log beside it.
        other.execute("PRAGMA journal_mode = DELETE")


def _add(archive: tarfile.TarFile, name: str, path: Path) -> dict[str, str | int]:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        size = file.tell()
        file.seek(0)
        info = tarfile.TarInfo(name)
        info.size, info.mode = size, 0o600
        archive.addfile(info, file)
    return {"sha256": digest, "size": size}
