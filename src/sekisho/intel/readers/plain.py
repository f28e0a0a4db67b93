"""A plain list: a value a line, `#` or `;` begins a comment."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from sekisho.intel.base import LARGEST_LINES, Columns, Given, Item
from sekisho.intel.lines import lines

_COMMENT = re.compile(r"(?:^|\s)[#;].*")


class PlainList:
    """Reads lists."""

    largest = LARGEST_LINES

    def read(self, path: Path, columns: Columns) -> Iterator[Item]:
        """A value of each line."""
        for line in lines(path):
            value = _COMMENT.sub("", line).strip()
            if value:
                yield Given(value, columns.all_are)
