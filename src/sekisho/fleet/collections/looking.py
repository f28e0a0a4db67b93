"""What is looked for in each file of a collection: its hashes, and what rules say of its content."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Protocol

from sekisho.fleet.collections.base import Collection, Gathered, Row
from sekisho.fleet.collections.keeping import Keep, Keeper
from sekisho.fleet.collections.members import BROKEN, Member
from sekisho.model.terminals import Sighting

FILES = "collected_files"
MATCHES = "rule_matches"
MOST_MATCHES = 1000
"""Matches of one machine that are kept; all files are looked at."""
_METADATA = frozenset(
    {"$mft", "$logfile", "$j", "$usnjrnl$j", "pagefile.sys", "hiberfil.sys", "swapfile.sys"}
)
"""What a disk keeps of itself, as large as it likes: nothing of it is a program that was put there."""


class Rules(Protocol):
    """What is held against a file's content."""

    @property
    def largest(self) -> int:
        """Bytes of the largest file that is looked at."""

    def prepare(self) -> None:
        """Make ready; without it the first file waits."""

    def matches(self, name: str, content: bytes) -> Iterator[tuple[str, str]]:
        """Namespace and name of each rule that matches. Raises ValueError that says why it is not known."""


@dataclass(slots=True)
class Look:
    """Looks at files of machines. Without rules only hashes are taken."""

    rules: Rules | None = None
    keeper: Keeper | None = None
    """Who keeps the events of logs."""
    _missed: dict[int, list[str]] = field(default_factory=dict)

    def prepare(self) -> None:
        """Compile the rules now. Raises what compiling them raises."""
        if self.rules is not None:
            self.rules.prepare()

    def fresh(self) -> Look:
        """The same for another collection."""
        return Look(self.rules, self.keeper)

    def log(self, name: str) -> Keep | None:
        """Who keeps the events of a log of that name."""
        return None if self.keeper is None else self.keeper.log(name)

    def at(self, found: Collection, who: Sighting, member: Member) -> None:
        """One file of a machine. What cannot be read is set aside with its number."""
        files = found.table(who, FILES)
        matches = found.table(who, MATCHES) if self.rules is not None else None
        hashes = (
            hashlib.sha256(),
            hashlib.sha1(usedforsecurity=False),
            hashlib.md5(usedforsecurity=False),
        )
        kept: list[bytes] | None = [] if self.rules is not None else None
        size = 0
        try:
            for block in member.blocks():
                size += len(block)
                for one in hashes:
                    one.update(block)
                if kept is not None and self.rules is not None:
                    kept.append(block)
                    if size > self.rules.largest:
                        kept = None
        except BROKEN as error:
            found.leave(member.number, str(error)[:200])
            for table in (files, matches):
                if table is not None:
                    table.whole, table.why = False, "a file in it could not be read"
            return
        sha256, sha1, md5 = (one.hexdigest() for one in hashes)
        path = member.name[-1000:]
        files.add({"path": path, "size": str(size), "sha256": sha256, "sha1": sha1, "md5": md5})
        if matches is None or self.rules is None:
            return
        if kept is None:
            if member.name.rpartition("/")[2].casefold() not in _METADATA:
                self._miss(matches, f"{path[-100:]} is larger than {self.rules.largest >> 20} MiB")
            return
        try:
            for namespace, rule in self.rules.matches(path, b"".join(kept)):
                _add(matches, {"rule": rule, "namespace": namespace, "path": path, "sha256": sha256})
        except ValueError as error:
            self._miss(matches, f"{path[-100:]}: {error}")

    def _miss(self, table: Gathered, why: str) -> None:
        missed = self._missed.setdefault(id(table), [])
        missed.append(why)
        rest = f" and {len(missed) - 3:,} more" if len(missed) > 3 else ""
        table.whole, table.why = False, f"not looked at: {'; '.join(missed[:3])}{rest}"


def _add(table: Gathered, row: Row) -> None:
    if len(table.rows) < MOST_MATCHES:
        table.add(row)
    else:
        table.whole, table.why = False, f"more than {MOST_MATCHES:,} matches"
