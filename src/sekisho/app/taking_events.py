"""Events of terminals' logs that come by ingest: what Sigma rules are asked of, kept beside the logons.

A log is taken whole, whichever sensors select records of it, and once by its content, as `fleet import` takes
it: whichever comes first counts.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import pyarrow.compute as pc

from sekisho.app.checking.keeping import content_key
from sekisho.app.decisions import open_decisions
from sekisho.app.terminals import resolved
from sekisho.app.workspace import Workspace
from sekisho.fleet.collections.base import machine
from sekisho.inventory.register import Inventory
from sekisho.sources.base import Batch, Reader
from sekisho.store.event_staging import EventFile
from sekisho.store.lake import Lake
from sekisho.store.writer import Writer

FAMILY = "windows"
MOST_HOSTS = 10_000
"""Names of computers that are remembered."""
MOST_NAMED = 5


class TakingEvents:
    """One file's events on their way. `events` counts those that are kept so far."""

    def __init__(
        self,
        lake: Lake,
        writer: Writer,
        name: str,
        sha256: str,
        before: Iterable[str],
        *,
        unterminated: bool,
    ) -> None:
        self._writer = writer
        self._file = EventFile(
            content_key(sha256), name[-500:], begins=tuple(content_key(one) for one in before)
        )
        self._staging = writer.stage_events()
        self._unterminated = unterminated
        self._unread = 0
        self.after = lake.events.intake.last_row(self._file.begins)
        """The last row that gave an event when less of the file was there."""
        self.events = 0
        self.hosts: set[str] = set()

    @classmethod
    def of(
        cls,
        lake: Lake,
        writer: Writer,
        reader: Reader,
        name: str,
        sha256: str,
        before: Iterable[str],
        *,
        unterminated: bool,
    ) -> TakingEvents | None:
        """What takes a file's events; None where it holds none, or where they were taken before. `before` are
        known contents with which it begins; `unterminated` says that its last line may still grow."""
        if reader.family != FAMILY or lake.events.intake.known(content_key(sha256)):
            return None
        return cls(lake, writer, name, sha256, before, unterminated=unterminated)

    def take(self, batch: Batch) -> None:
        """Those of a batch."""
        file = self._file
        if batch.events is not None:
            self._writer.add_events(self._staging, batch.events)
            self.events += batch.events.num_rows
            if len(self.hosts) < MOST_HOSTS:
                self.hosts.update(pc.unique(batch.events["host"]).to_pylist())
        file.cut += batch.cut
        for one in batch.unread:
            file.miss(one.row, one.reason)
            self._unread = max(self._unread, one.row)
        file.half = self._unterminated and 0 < self._unread == batch.last_row

    def finish(self) -> tuple[str, ...]:
        """The file was read: its events count with the writer's next commit. What is to be told of them."""
        self._writer.keep_events(self._file, self._staging)
        if not self._file.cut:
            return ()
        return (
            f"{self._file.cut:,} of its events are shortened: a value, or their number, is too large",
        )

    def drop(self) -> None:
        """The file could not be read."""
        self._staging.drop()


def in_no_inventory(
    workspace: Workspace, inventory: Inventory, hosts: Iterable[str], now: datetime
) -> tuple[str, ...]:
    """What must be known of computers that are no terminal of the inventory: their events are kept all the
    same."""
    named = sorted(set(hosts), key=str.casefold)
    if not named:
        return ()
    with open_decisions(workspace) as decisions:
        known = resolved(decisions, inventory, now)
    missing = []
    for host in named:
        try:
            home = known.match(machine(host))
        except ValueError:
            home = None
        if home is None:
            missing.append(host)
    if not missing:
        return ()
    more = f" and {len(missing) - MOST_NAMED:,} more" if len(missing) > MOST_NAMED else ""
    one = len(missing) == 1
    told = (
        f"{len(missing):,} {'computer is' if one else 'computers are'} in no inventory:"
        f" {', '.join(missing[:MOST_NAMED])}{more}; {'its' if one else 'their'} events are kept, and what"
        f" rules find is told under {'its name' if one else 'these names'}:"
        " `sekisho fleet import` a list of terminals"
    )
    return (told,)
