"""Connections that turn out to have been opened from the other end."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

import pyarrow as pa
import pyarrow.compute as pc

from sekisho.audit.evidence import KEYS, key_of
from sekisho.state.alerts import AlertStore, ConnectionRow, Round
from sekisho.store.arrivals import ASKED, Arrivals
from sekisho.watch.alerts import Member
from sekisho.watch.connections import Connection, Key, finding_of
from sekisho.watch.intake import row_of
from sekisho.watch.openers import opposite

REACH = timedelta(hours=1)
"""How long after a connection was last seen a record may turn it round."""
MOST = 5_000
"""Connections that are looked at in a round, the last seen first."""


@dataclass(frozen=True, slots=True)
class Unsure:
    """Connections of which no record shows who opened them, with their rows."""

    known: Mapping[Key, tuple[Connection, ConnectionRow]]


def unsure(store: AlertStore, arrivals: Arrivals) -> Unsure:
    """Those that these arrivals may turn round."""
    if not arrivals.coarse.num_rows:
        return Unsure({})
    first = pc.min(arrivals.coarse["first"]).as_py()
    rows = store.provisional(first - REACH, MOST)
    return Unsure({c.key: (c, row) for row in rows for c in (Connection.from_json(row.known),)})


def turn(arrivals: Arrivals, found: Unsure, work: Round) -> tuple[dict[Key, str], set[str]]:
    """Take back connections that the arrivals show to have been opened from the other end.

    What each became, with the alert it belongs to, so that nothing is told twice; and the alerts that
    lost one. A connection of which only some client ports are turned round stays for the others.
    """
    known = found.known
    ports: dict[Key, set[int]] = defaultdict(set)
    for row in arrivals.opposite(_asked([c for c, _ in known.values()])).to_pylist():
        ports[key_of(row)].add(row["client"])
    became: dict[Key, str] = {}
    lost: set[str] = set()
    changed = []
    for key, clients in ports.items():
        connection, row = known[key]
        alike = [opposite(key, client) if key[7] else opposite(key) for client in clients]
        left = set(connection.clients) - clients
        if left:
            connection.clients = sorted(left)
        else:
            connection.turned = finding_of(alike[0])
            became.update(dict.fromkeys(alike, connection.alert))
            lost.add(connection.alert)
        changed.append(row_of(connection, Member.model_validate_json(row.member)))
    work.put_connections(changed, [row.finding for row in changed])
    return became, lost


def _asked(connections: Sequence[Connection]) -> pa.Table:
    rows = [
        dict(zip(KEYS, c.key, strict=True))
        | {"client": client, "orientation": c.orientation, "first": c.first}
        for c in connections
        for client in (c.clients or [0])
    ]
    return pa.Table.from_pylist(rows, schema=ASKED)
