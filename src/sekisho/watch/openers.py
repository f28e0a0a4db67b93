"""Who sent first, where ports tell nothing: a reply that comes in a later file is no connection of its own."""

from __future__ import annotations

from datetime import datetime, timedelta

import pyarrow as pa
import pyarrow.compute as pc

from sekisho.audit.evidence import key_of, rows_of
from sekisho.model.flows import Orientation
from sekisho.watch.connections import Key

KEPT = timedelta(minutes=10)
MOST = 100_000


class Openers:
    """Connections without ports that were opened lately, whatever their verdict.

    It is a memory of this run only: after a start the first reply may be taken for an opening, and is
    told as provisional.
    """

    def __init__(self) -> None:
        self._first: dict[Key, datetime] = {}

    def note(self, arrived: pa.Table) -> None:
        """Take in arrivals in which it is a guess who opened them."""
        guessed = pc.and_(
            arrived["provisional"], pc.less_equal(arrived["orientation"], int(Orientation.GUESS))
        )
        for row in rows_of(arrived.filter(guessed)):
            key = key_of(row)
            if opposite(key) not in self._first or row["first"] < self._first[opposite(key)]:
                self._first.setdefault(key, row["first"])
        if not self._first:
            return
        newest = max(self._first.values())
        kept = {key: at for key, at in self._first.items() if newest - at <= KEPT}
        self._first = dict(list(kept.items())[-MOST:])

    def answers(self, key: Key, first: datetime) -> bool:
        """Whether a connection seen first then is the reply to one that was opened before it."""
        opened = self._first.get(opposite(key))
        return opened is not None and opened < first and first - opened <= KEPT


def opposite(key: Key, port: int | None = None) -> Key:
    """The connection from the other end, to a port there; the same port where none is given."""
    return (key[3], key[4], key[5], key[0], key[1], key[2], key[6], key[7] if port is None else port)
