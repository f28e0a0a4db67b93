"""Events of terminals' logs on their way from a collection into the lake."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from sekisho.model.terminals import Sighting
from sekisho.sources.windows_whole import EventRows
from sekisho.store.event_intake import EventIntake
from sekisho.store.event_staging import EventFile, Staging

AT_ONCE = 16_384
"""Events that are held as plain values."""


def content_key(sha256: str) -> str:
    """How a log of that content is known to the lake, whichever way it comes."""
    return hashlib.sha256(f"{sha256}\x1f".encode("utf-8", "replace")).hexdigest()


@dataclass(slots=True)
class _Log:
    """One log on its way."""

    file: EventFile
    staging: Staging
    rows: EventRows
    written: int = 0

    def add(self, row: int, record: Mapping[str, Any]) -> None:
        """See `Keep`."""
        try:
            self.rows.add(row, record)
        except (ValueError, RecursionError) as error:
            self.miss(row, str(error))
            return
        if self.rows.count >= AT_ONCE:
            self.flush()

    def miss(self, row: int, why: str) -> None:
        """See `Keep`."""
        self.file.miss(row, why)

    def content(self, sha256: str) -> None:
        """See `Keep`."""
        self.file.sha256 = content_key(sha256)

    def flush(self) -> None:
        self.written += self.rows.count
        self.staging.add(self.rows.table())

    def settle(self) -> None:
        """It was read to its end."""
        self.flush()
        self.staging.settle()


class LakeKeeper:
    """Keeps the logs of one collection after the other; what was not committed is dropped."""

    def __init__(self, intake: EventIntake) -> None:
        self._intake = intake
        self._logs: list[_Log] = []
        self._sha256 = self._name = ""

    def begin(self, sha256: str, name: str) -> None:
        """A collection, or a log alone, of that hash and name."""
        self.drop()
        self._sha256, self._name = sha256, name

    def log(self, name: str) -> _Log:
        """A log that is called so in the collection, '' where it is the file itself; the one before was read to
        its end."""
        for before in self._logs[-1:]:
            before.settle()
        file = EventFile(
            content_key(f"{self._sha256}{name}" if name else self._sha256),
            name[-500:] or self._name[-500:],
            self._name[-500:] if name else "",
        )
        one = _Log(file, self._intake.stage(), EventRows())
        self._logs.append(one)
        return one

    def end(self, owner: Sighting | None, notes: list[str]) -> None:
        """All logs are read: whose they are, where the collection says so; what is to be told is noted."""
        events = cut = 0
        for one in self._logs:
            one.flush()
            one.file.cut = one.rows.cut
            one.file.owner = "" if owner is None else json.dumps(asdict(owner), sort_keys=True)
            events += one.written
            cut += one.file.cut
        if events:
            notes.append(f"{events:,} events are kept for rules: `sekisho fleet sigma run`")
        if cut:
            notes.append(f"{cut:,} of them are shortened: a value, or their number, is too large")

    def commit(self) -> None:
        """Let the collection's logs count, those that do already excepted. Raises RequestError."""
        for one in self._logs:
            self._intake.commit(one.file, one.staging)
        self.drop()

    def drop(self) -> None:
        """Forget what was not committed."""
        for one in self._logs:
            one.staging.drop()
        self._logs = []
