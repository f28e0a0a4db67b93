"""What was received and does not count in the lake yet, as a backup takes it beside running collectors."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from sekisho.app.workspace import Workspace
from sekisho.sources.forwarding.received import APART, LANES
from sekisho.sources.forwarding.spool import DROPPED
from sekisho.sources.journal.segments import DAMAGED, PACKED, SEALED, sealed

INCOMING = "incoming"


def received(workspace: Workspace) -> Iterator[Path]:
    """Files that are nowhere else: of the journal, of the spool and of what sites delivered.

    Ask while no commit can count, and take the copies of manifest and of received.db before: what leaves
    its place meanwhile counts in one of them. What is being written is not in it, nor what the centre has
    of a spool.
    """
    yield from _journal(workspace.journal)
    # Uploads first: one that gets its place meanwhile is found in it.
    collectors = sorted(one for one in workspace.received.glob("*") if one.is_dir())
    for collector in collectors:
        yield from sorted(path for path in (collector / INCOMING).glob("*") if path.is_file())
    for collector in collectors:
        for lane in LANES:
            for segment in sealed(collector / lane):
                apart = segment.path.with_name(segment.name + APART)
                yield from (segment.path, apart) if apart.exists() else (segment.path,)
    yield from _journal(workspace.spool)
    # After the segments: those that it counts as dropped meanwhile are swept where it is restored.
    if (workspace.spool / DROPPED).is_file():
        yield workspace.spool / DROPPED


def _journal(folder: Path) -> Iterator[Path]:
    yield from (segment.path for segment in sealed(folder))
    yield from sorted(folder.glob(f"*{DAMAGED}"))
    if (folder / "last").is_file():
        yield folder / "last"


def present(path: Path) -> Path | None:
    """Where a file of `received` is now: compressed meanwhile, or gone because it is safe elsewhere."""
    packed = path.with_name(path.name.removesuffix(SEALED) + PACKED)
    choices = (path, packed) if path.name.endswith(SEALED) else (path,)
    return next((one for one in choices if one.is_file()), None)
