"""What a process and those that it started cost so far, as Linux accounts for them."""

from __future__ import annotations

import os
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")


class Tree:
    """One process and all below it. `look` often: what has ended between two looks is not counted."""

    def __init__(self, root: int) -> None:
        self._root = root
        self._spent: dict[int, int] = {}
        self._begun = 0
        self.memory = 0
        """Bytes resident at the last look; what is shared counts once for each process."""
        self.own = 0
        """Those of the first process alone."""
        self.pids: list[int] = []
        self.look()
        self._begun = sum(self._spent.values())

    @property
    def cpu(self) -> float:
        """Seconds since the first look."""
        return (sum(self._spent.values()) - self._begun) / _TICKS

    def look(self) -> None:
        """Read the counters."""
        parents: dict[int, int] = {}
        fields: dict[int, list[str]] = {}
        for entry in Path("/proc").iterdir():
            if entry.name.isdecimal():
                try:
                    words = (entry / "stat").read_text().rpartition(")")[2].split()
                except OSError:
                    continue
                parents[int(entry.name)], fields[int(entry.name)] = int(words[1]), words
        self.memory, self.own, self.pids = 0, 0, []
        for process, words in fields.items():
            above: int | None = process
            while above is not None and above != self._root:
                above = parents.get(above)
            if above == self._root:
                self._spent[process] = int(words[11]) + int(words[12])
                self.memory += int(words[21]) * _PAGE
                self.pids.append(process)
                if process == self._root:
                    self.own = int(words[21]) * _PAGE
