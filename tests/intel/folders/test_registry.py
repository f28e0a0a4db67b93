from __future__ import annotations

from sekisho.intel.folders.registry import FOLDERS
from sekisho.intel.readers.registry import READERS
from sekisho.intel.shapes import KNOWLEDGE


def test_each_kind_of_feed_has_one_way_to_be_read() -> None:
    assert set(FOLDERS) | {"attack"} == set(KNOWLEDGE)
    assert not set(FOLDERS) & set(READERS)
