from __future__ import annotations

from pathlib import Path
from typing import get_args

from sekisho.intel import readers
from sekisho.intel.readers.registry import READERS
from sekisho.intel.shapes import KNOWLEDGE, Kind


def test_every_kind_that_may_be_written_has_a_reader() -> None:
    assert set(READERS) | KNOWLEDGE == set(get_args(Kind))


def test_every_reader_is_listed() -> None:
    folder = Path(readers.__path__[0])
    rooms = {path.stem for path in folder.glob("*.py")} - {"__init__", "registry"}
    assert rooms == {type(one).__module__.rpartition(".")[2] for one in READERS.values()}
