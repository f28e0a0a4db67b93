"""Connections of which a translation that came later says whose they are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sekisho.audit.evidence import KEYS, key_of, rows_of
from sekisho.state.alerts import AlertStore, ConnectionRow
from sekisho.store.arrivals import Arrivals
from sekisho.watch.alerts import Member
from sekisho.watch.connections import Connection, Key, finding_of
from sekisho.watch.describing import Describer
from sekisho.watch.intake import row_of


@dataclass(frozen=True, slots=True)
class Left:
    """What is left of connections, by finding; the alerts that these belong to; and, for what nothing is left
    of, the connections that it became with the alert it was in."""

    rows: Mapping[str, ConnectionRow] = field(default_factory=dict)
    alerts: frozenset[str] = frozenset()
    became: Mapping[Key, str] = field(default_factory=dict)


def move(arrivals: Arrivals, store: AlertStore, describer: Describer) -> Left:
    """Take away from known connections what turned out to be of others; that is among the arrivals."""
    if not arrivals.taken_back.num_rows:
        return Left()
    given: dict[Key, list[dict[str, Any]]] = defaultdict(list)
    for row in rows_of(arrivals.taken_back):
        given[key_of(row)].append(row)
    others: dict[Key, list[Key]] = defaultdict(list)
    for row in arrivals.became.to_pylist():
        others[key_of(row)].append(tuple(row.get(f"own_{name}", row[name]) for name in KEYS))
    names = {finding_of(key): key for key in given}
    rows: dict[str, ConnectionRow] = {}
    became: dict[Key, str] = {}
    for finding, found in store.connections(list(names)).items():
        connection = Connection.from_json(found.known)
        if connection.turned:
            continue
        key = names[finding]
        for row in given[key]:
            connection.give_up(row)
        if not connection.empty:
            rows[finding] = row_of(connection, describer.member(connection))
            continue
        # Where halves of one way were put together the other way round no one record has its ends so.
        these = others.get(key, ())
        connection.turned, connection.provisional = finding_of(these[0]) if these else finding, False
        became |= dict.fromkeys(these, connection.alert)
        rows[finding] = row_of(connection, Member.model_validate_json(found.member))
    return Left(rows, frozenset(row.alert for row in rows.values()), became)
