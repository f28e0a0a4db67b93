"""Open segments that a process left behind when it was killed, or the power went."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from sekisho.sources.journal.framing import BEGIN
from sekisho.sources.journal.reading import read_segment
from sekisho.sources.journal.segments import DAMAGED, OPEN, SEALED, sync_folder


@dataclass(frozen=True, slots=True)
class Recovered:
    """What became of them: segments sealed and the records in them, bytes cut off behind the last whole
    record, and files set aside because nothing in them could be read."""

    segments: int = 0
    records: int = 0
    torn: int = 0
    set_aside: int = 0


def recover(folder: Path) -> Recovered:
    """Seal every open segment after its last whole record. The caller holds the folder. Raises OSError.

    One that holds no record goes; one whose header is lost is set aside under a name that ends in
    `.damaged`, not removed.
    """
    segments = records = torn = aside = 0
    for path in sorted(folder.glob(f"*{OPEN}")):
        size, end, held, readable = _survey(path)
        if held:
            torn += size - end
            with path.open("r+b") as stream:
                stream.truncate(end)
                os.fsync(stream.fileno())
            path.rename(path.with_suffix(SEALED))
            segments, records = segments + 1, records + held
        elif readable or size <= BEGIN:
            torn += max(size - BEGIN, 0)
            path.unlink()
        else:
            path.rename(path.with_suffix(DAMAGED))
            aside += 1
    for leftover in folder.glob("*.new"):
        leftover.unlink()
    sync_folder(folder)
    return Recovered(segments, records, torn, aside)


def _survey(path: Path) -> tuple[int, int, int, bool]:
    """Size, where the last whole record ends, how many there are, and whether the header stands."""
    end = held = 0
    with path.open("rb") as stream:
        size = os.fstat(stream.fileno()).st_size
        for records in read_segment(stream):
            held += len(records)
            end = records.end
    return size, end, held, end > 0
