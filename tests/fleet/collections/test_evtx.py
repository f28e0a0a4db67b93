from __future__ import annotations

import io
from pathlib import Path

from sekisho.fleet.collections.evtx import TABLE, is_evtx, read


def test_it_is_known_by_its_magic() -> None:
    assert is_evtx(b"ElfFile\0...")
    assert not is_evtx(b"PK")


def test_what_is_broken_is_set_aside() -> None:
    found = read(io.BytesIO(b"ElfFile\0" + b"\0" * 5000))
    assert found.machines == {}
    assert "no record" in found.notes[-1]
    assert read(io.BytesIO(b"ElfFile\0")).aside


def test_a_real_log_that_was_cleared(shared_data: Path) -> None:
    cleared = 0
    for path in sorted((shared_data / "events").rglob("*.evtx")):
        with path.open("rb") as stream:
            found = read(io.BytesIO(stream.read()))
        for who, tables in found.machines.values():
            assert who.hostname
            for row in tables[TABLE].rows if TABLE in tables else ():
                cleared += row["what"] == "cleared"
    assert cleared >= 1
