"""Which nodes are terminals of the inventory, and at which site: worked out by the judge, read by who asks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Engine, delete, insert, select

from sekisho.state import fleet_tables as tables
from sekisho.state.engine import reading, writing

_AT_ONCE = 500


def sites_of(connection: Connection, nodes: Sequence[int]) -> dict[int, str]:
    """The sites of these nodes' terminals, as far as they are at any."""
    t = tables.homes
    found: dict[int, str] = {}
    for start in range(0, len(nodes), _AT_ONCE):
        asked = [str(node) for node in nodes[start : start + _AT_ONCE]]
        rows = connection.execute(select(t).where(t.c.node.in_(asked), t.c.site != ""))
        found |= {int(r.node): r.site for r in rows}
    return found


class HomeStore:
    """Nodes that are terminals, with their terminals' sites ('' for none)."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def all(self) -> dict[int, str]:
        """Every one by its number."""
        with reading(self._engine) as connection:
            return _all(connection)

    def keep(self, homes: Mapping[int, str]) -> None:
        """These and no others from now on; only what differs is written, and nobody kept from writing where
        nothing does."""
        if self.all() == dict(homes):
            return
        with writing(self._engine) as connection:
            before = _all(connection)
            gone = [node for node, site in before.items() if homes.get(node) != site]
            t = tables.homes
            for part in _parts(gone):
                connection.execute(delete(t).where(t.c.node.in_([str(node) for node in part])))
            fresh = [(node, site) for node, site in homes.items() if before.get(node) != site]
            for part in _parts(fresh):
                values = [{"node": str(node), "site": site} for node, site in part]
                connection.execute(insert(t), values)


def _all(connection: Connection) -> dict[int, str]:
    return {int(r.node): r.site for r in connection.execute(select(tables.homes))}


def _parts(items: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for start in range(0, len(items), _AT_ONCE):
        yield items[start : start + _AT_ONCE]
